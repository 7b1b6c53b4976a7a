Feature: Rokin: the hardware password generator (パスワード生成機)
  The rules of the Rokin group's Internet banking for organisations, by the questions of its Q&A.
  What the document does not say and keyfob chose is marked [ours].

  Background:
    Given the bank follows the rulebook "rokin"
    And user "Sato" is a "master_user" of the contract
    And user "Suzuki" is a "general_user" of the contract

  @row-1 @Q1
  Scenario: A new code every 60 seconds (60秒ごとに変更), used once (使い捨てパスワード)
    Given this row uses the rules "devices.factors, devices.step_seconds"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When 50 seconds pass
    And I press the button of the generator
    Then the generator shows the same code as before
    When user "Sato" gives the same code of the generator
    Then the service refuses it as replayed
    When 20 seconds pass
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    When user "Sato" gives the same code of the generator
    Then the service accepts it

  @row-2 @Q2
  Scenario: What asks for a one-time password (利用する取引) beside the PIN (暗証番号)
    An inquiry is not in the list [ours].
    Given this row uses the rules "operations.ad_hoc_transfer.asks, operations.bulk_transfer.asks, operations.payroll_transfer.asks, operations.pay_easy.asks, operations.payee_change.asks, operations.billed_account_change.asks, operations.user_change.asks, operations.balance.asks, operations.registered_transfer.asks, acts.add_user.by, acts.add_user.asks, acts.revoke.asks, acts.revoke.by"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "ad_hoc_transfer"
    Then the service accepts it
    When user "Sato" does "ad_hoc_transfer" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "ad_hoc_transfer" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "bulk_transfer"
    Then the service accepts it
    When user "Sato" does "bulk_transfer" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "bulk_transfer" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "payroll_transfer"
    Then the service accepts it
    When user "Sato" does "payroll_transfer" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "payroll_transfer" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "pay_easy"
    Then the service accepts it
    When user "Sato" does "pay_easy" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "pay_easy" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "payee_change"
    Then the service accepts it
    When user "Sato" does "payee_change" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "payee_change" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "billed_account_change"
    Then the service accepts it
    When user "Sato" does "billed_account_change" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "billed_account_change" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "user_change"
    Then the service accepts it
    When user "Sato" does "user_change" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "user_change" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "balance" without "code"
    Then the service accepts it
    When user "Sato" does "balance" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" does "registered_transfer" without "code"
    Then the service accepts it
    When user "Sato" does "registered_transfer" without "pin"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a new user with "new_user = Kato" but without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a new user with "new_user = Kato" but without "pin"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a revocation without "code"
    Then the service refuses it as incomplete
    When user "Suzuki" asks online for a new user with "new_user = Kato"
    Then the service refuses it as not permitted
    When user "Sato" asks online for a new user with "new_user = Kato"
    Then the service accepts it

  @row-3 @Q3 @Q5
  Scenario: Free issue and use; an additional generator (追加発行) and a reissue (再発行) are charged
    Given this row uses the rules "fees.first, fees.monthly, fees.additional, fees.reissue, acts.order.by, acts.report_loss.by, acts.reissue.by, devices.with_contract"
    When the bank mails the generator
    And the post delivers the generator
    Then the service accepts it
    When the bank mails the generator "extra"
    Then the service refuses it as unknown
    Given user "Sato" uses the generator
    When 1 year passes
    Then 0 yen were charged so far
    When user "Sato" asks online for an order
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an order
    Then the service accepts it
    And 1100 yen were charged so far
    When user "Sato" asks by phone for a loss
    And user "Sato" asks by paper form for a reissue
    Then the service accepts it
    And 2200 yen were charged so far

  @row-4 @Q4
  Scenario: The last day on the back as month/day/year (月/日/西暦下2桁), a new generator unasked
    How long before the end the new one is sent is not published: 60 days [ours].
    Given this row uses the rules "expiry.printed, expiry.replaced_days_before, devices.with_contract"
    And a step of 1 day has just begun
    And the generator is from the bank and good for 100 days
    Then the back of the generator shows its last day as "MM/DD/YY"
    Given user "Sato" uses the generator
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When 40 days pass
    Then the bank has 0 generators to send
    When 1 day passes
    Then the bank has 1 generators to send
    And the letter about "replacement" says "2026-07-11"
    And the bank has 1 generators to send
    When the bank mails the generator "new"
    And the post delivers the generator "new"
    Then the service accepts it
    When 60 days pass
    And user "Sato" gives a code of the generator
    Then the service refuses it as expired

  @row-4 @Q4
  Scenario: Each generator has a last day (有効期限), five years after it was given out [ours]
    Given this row uses the rules "expiry.valid_days, expiry.replaced_days_before"
    And a step of 1 day has just begun
    And the generator is from the bank
    When 1766 days pass
    Then the bank has 0 generators to send
    When 1 day passes
    Then the bank has 1 generators to send

  @row-5 @Q6
  Scenario: Lost (紛失): disabled at once, never usable again (再利用できません), paperwork follows
    Given this row uses the rules "acts.report_loss.by, acts.find.by, acts.reissue.by, fees.reissue"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service refuses it as not active
    When user "Sato" asks by phone for a find
    Then the service refuses it as not permitted
    When user "Sato" enrols the generator
    Then the service refuses it as not active
    When user "Sato" asks by phone for a reissue
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a reissue
    Then the service accepts it
    And 1100 yen were charged so far
    When the bank mails the generator "new"
    And the post delivers the generator "new"
    And user "Sato" enrols the generator "new"
    Then the service accepts it
    When user "Sato" asks at the branch for a loss
    Then the service accepts it
    When user "Sato" gives a code of the generator "new"
    Then the service refuses it as not active

  @row-6 @Q7
  Scenario: Wrong entries stop the generator (利用停止) for all who share it; two ways out
    The document does not say that the entries must be consecutive: all count [ours], five of them [ours].
    Given this row uses the rules "limits.scope, limits.lock_after_failures, limits.consecutive, acts.unlock.by, enrolment.users_per_token"
    And user "Tanaka" is a "general_user" of the contract
    And the generator is from the bank
    And user "Sato" uses the generator
    And the generator "B" is from the bank
    And user "Suzuki" uses the generator "B"
    And user "Tanaka" uses the generator "B"
    When user "Suzuki" gives 4 wrong codes of the generator "B"
    Then the service refuses it as wrong
    When user "Suzuki" gives a code of the generator "B"
    Then the service accepts it
    When user "Suzuki" gives 1 wrong codes of the generator "B"
    And user "Suzuki" gives a code of the generator "B"
    Then the service refuses it as locked
    When user "Tanaka" gives a code of the generator "B"
    Then the service refuses it as locked
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Suzuki" asks online for an unlocking
    Then the service refuses it as not permitted
    When user "Suzuki" asks by paper form for an unlocking
    Then the service refuses it as not permitted
    When user "Sato" asks online for an unlocking of user "Suzuki"
    Then the service accepts it
    When user "Tanaka" gives a code of the generator "B"
    Then the service accepts it
    When user "Sato" gives 5 wrong codes of the generator
    And user "Sato" gives a code of the generator
    Then the service refuses it as locked
    When user "Sato" asks online for an unlocking
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an unlocking
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service accepts it

  @row-7 @Q8
  Scenario: Another generator: revocation (失効) by the master user, enrolment 30 minutes later
    Given this row uses the rules "acts.revoke.by, acts.revoke.asks, acts.revoke.after_seconds, operations.ad_hoc_transfer.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    And the generator "old" is from the bank
    And user "Suzuki" uses the generator "old"
    And the generator "new" is from the bank
    When user "Suzuki" asks online for a revocation
    Then the service refuses it as not permitted
    When user "Sato" asks online for a revocation without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a revocation of user "Suzuki"
    Then the service accepts it
    When 1799 seconds pass
    Then user "Suzuki" is not asked to enrol
    When 1 second passes
    Then user "Suzuki" is asked to enrol
    When user "Suzuki" enrols the generator "new"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "new"
    Then the service accepts it
    When user "Sato" asks online for a revocation
    Then the service accepts it
    When 30 minutes pass
    Then user "Sato" is asked to enrol
    When user "Sato" does "ad_hoc_transfer"
    Then the service refuses it as not enrolled
    Given the generator "next" is from the bank
    When user "Sato" enrols the generator "next"
    Then the service accepts it

  @row-8 @Q9
  Scenario: Enrolment by serial number (シリアル番号), also by several users (共有)
    Beside the number one displayed code is asked for [ours]. Within 60 seconds only one of them can use a code.
    Given this row uses the rules "enrolment.asks, enrolment.users_per_token"
    And the generator is from the bank
    When user "Sato" enrols the generator without "serial_number"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator with a wrong "serial_number"
    Then the service refuses it as unknown
    When user "Sato" enrols the generator with a wrong "code"
    Then the service refuses it as wrong
    When user "Sato" enrols the generator without "code"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator
    Then the service accepts it
    When user "Suzuki" gives a code of the generator
    Then the service refuses it as not enrolled
    When user "Suzuki" enrols the generator
    Then the service accepts it
    When user "Suzuki" gives a code of the generator
    Then the service accepts it
    When user "Sato" gives the same code of the generator
    Then the service refuses it as replayed

  @row-9 @Q4 @Q8
  Scenario: The new generator in hand before the date: revoked (失効) for all who share the old one
    Given this row uses the rules "acts.revoke.by, acts.revoke.asks, acts.revoke.after_seconds, acts.revoke.of, enrolment.users_per_token, devices.with_contract, operations.ad_hoc_transfer.asks"
    And the generator "old" is from the bank and good for 30 days
    And user "Sato" uses the generator "old"
    And user "Suzuki" uses the generator "old"
    Then the bank has 1 generators to send
    And 0 yen were charged so far
    When the bank mails the generator "new"
    And the post delivers the generator "new"
    Then the service accepts it
    And the bank has 0 generators to send
    When user "Sato" asks online for a revocation without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a revocation
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "old"
    Then the service refuses it as not active
    When user "Suzuki" enrols the generator "new"
    Then the service refuses it as too early
    When 30 minutes pass
    And user "Sato" does "ad_hoc_transfer"
    Then the service refuses it as not enrolled
    When user "Sato" enrols the generator "new"
    Then the service accepts it
    When user "Suzuki" enrols the generator "new"
    Then the service accepts it
    When user "Suzuki" does "ad_hoc_transfer"
    Then the service accepts it
    And 0 yen were charged so far
    And the bank has 0 generators to send

  @row-9 @Q4 @Q8
  Scenario: The new generator after the date: the way of Q8 stays open without a code of the old one
    Given this row uses the rules "acts.revoke.expired, acts.revoke.of, acts.revoke.by"
    And the generator "old" is from the bank and good for 30 days
    And user "Sato" uses the generator "old"
    And user "Suzuki" uses the generator "old"
    And the generator "new" is from the bank
    When 32 days pass
    And user "Sato" does "ad_hoc_transfer"
    Then the service refuses it as expired
    When user "Suzuki" asks online for a revocation
    Then the service refuses it as not permitted
    When user "Sato" asks online for a revocation without "code"
    Then the service accepts it
    When 30 minutes pass
    Then user "Sato" is asked to enrol
    And user "Suzuki" is asked to enrol
    When user "Sato" enrols the generator "new"
    And user "Suzuki" enrols the generator "new"
    Then the service accepts it
    When user "Suzuki" does "ad_hoc_transfer"
    Then the service accepts it

  @row-10 @Q7 @Q8
  Scenario: What the master user does online stands in the menu of the administration of users (管理≫利用者管理)
    Given this row uses the rules "acts.unlock.menu, acts.revoke.menu, limits.lock_after_failures, operations.ad_hoc_transfer.asks, acts.unlock.by, acts.revoke.by"
    And the generator is from the bank
    And user "Sato" uses the generator
    And the generator "B" is from the bank
    And user "Suzuki" uses the generator "B"
    When user "Suzuki" gives 5 wrong codes of the generator "B"
    Then the service refuses it as wrong
    When user "Sato" chooses the menu "管理≫利用者管理≫ワンタイムパスワードの管理≫ワンタイムパスワードの利用停止解除" for user "Suzuki"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "B"
    Then the service accepts it
    When user "Suzuki" chooses the menu "管理≫利用者管理≫ワンタイムパスワードの管理≫パスワード生成機の失効" for user "Suzuki"
    Then the service refuses it as not permitted
    When user "Sato" chooses the menu "管理≫利用者管理≫ワンタイムパスワードの管理≫パスワード生成機の失効" for user "Suzuki"
    Then the service accepts it
    When 30 minutes pass
    And user "Suzuki" does "ad_hoc_transfer"
    Then the service refuses it as not enrolled

  @row-5 @row-9 @Q1 @Q4 @Q6 @Q7 @Q8 @Q9
  Scenario: An organisation's years: issue, sharing, wrong entries, a loss on a Sunday, a new generator unasked
    Given user "Tanaka" is a "general_user" of the contract
    When the bank mails the generator "A"
    And the post delivers the generator "A"
    And user "Sato" enrols the generator "A"
    And user "Suzuki" enrols the generator "A"
    Then the service accepts it
    And the back of the generator "A" shows its last day as "MM/DD/YY"
    When user "Suzuki" gives a code of the generator "A" every 10 days for 90 days
    And user "Suzuki" does "payroll_transfer"
    Then the service accepts it
    When user "Suzuki" gives 5 wrong codes of the generator "A"
    And user "Sato" does "bulk_transfer"
    Then the service refuses it as locked
    When user "Sato" asks online for an unlocking of user "Suzuki"
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an unlocking
    And user "Sato" does "bulk_transfer"
    Then the service accepts it
    When user "Sato" asks by paper form for an order
    And the bank mails the generator "B"
    And the post delivers the generator "B"
    And user "Tanaka" enrols the generator "B"
    Then the service accepts it
    And 1100 yen were charged so far
    When it is the next "Sunday" at 22 hours 0 in Japan
    And user "Tanaka" asks by phone for a loss
    Then the service accepts it
    When user "Tanaka" asks by phone for a loss
    Then the service accepts it
    When user "Tanaka" enrols the generator "B"
    Then the service refuses it as not active
    When user "Tanaka" asks by paper form for a reissue
    And the bank mails the generator "C"
    And the post delivers the generator "C"
    And user "Tanaka" enrols the generator "C"
    Then the service accepts it
    And 2200 yen were charged so far
    When user "Sato" gives a code of the generator "A" every 10 days for 1700 days
    Then the bank has 1 generators to send
    And the letter about "replacement" says "2031-04-01"
    When 1 day passes
    Then the bank has 1 generators to send
    When the bank mails the generator "D"
    And the post delivers the generator "D"
    And user "Sato" asks online for a revocation
    And 30 minutes pass
    And user "Sato" enrols the generator "D"
    And user "Suzuki" enrols the generator "D"
    Then the service accepts it
    When user "Suzuki" does "ad_hoc_transfer"
    Then the service accepts it
    And 2200 yen were charged so far
