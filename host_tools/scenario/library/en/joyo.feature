Feature: Joyo: one-time passwords (OTP) of JWEBOFFICE
  The terms of use of one-time passwords, by their articles: JWEBOFFICE and its foreign-exchange edition.
  What they do not say and keyfob chose is marked [ours].

  @row-1 @1-1
  Scenario: A code for each press (押下した回数) and a code displayed by itself (自動表示)
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "devices.factors"
    And user "Suzuki" is a "user" of the contract
    And the generator "A" is a "fob-h6" from the bank
    And user "Sato" uses the generator "A"
    When user "Sato" gives a code of the generator "A"
    Then the service accepts it
    When user "Sato" gives the same code of the generator "A"
    Then the service refuses it as replayed
    Given the generator "B" is a "sid-always" from the bank
    And user "Suzuki" uses the generator "B"
    When 2 minutes pass
    Then the generator "B" shows a code of 6 digits
    When user "Suzuki" gives the same code of the generator "B"
    Then the service accepts it
    When user "Suzuki" gives the same code of the generator "B"
    Then the service refuses it as replayed

  @row-2 @1-2 @5-1 @5-2
  Scenario: An OTP to log in, and to approve filings and transactions (各種届出や取引の承認)
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "operations.login.asks, operations.approve.asks, operations.approve.order, operations.filing.asks, otp.required"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "login" with a wrong "contract_number"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "user_id"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "code"
    Then the service refuses it as wrong
    When user "Suzuki" does "login" without "code"
    Then the service accepts it
    When user "Sato" does "approve"
    Then the service accepts it
    And 1 accepted orders will be carried out
    When user "Sato" does "approve" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "approve" with a wrong "transaction_password"
    Then the service refuses it as not matching
    When user "Sato" does "filing"
    Then the service accepts it
    When user "Sato" does "filing" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "filing" with a wrong "transaction_password"
    Then the service refuses it as not matching

  @row-2 @5-1
  Scenario: The foreign-exchange edition (外為版): an OTP to log in and for filings
    Given the bank follows the edition "fx" of "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "operations.login.asks, editions.fx.operations.approve.asks, editions.fx.operations.filing.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "filing"
    Then the service accepts it
    When user "Sato" does "filing" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "approve" without "code"
    Then the service accepts it
    When user "Sato" does "approve" with a wrong "transaction_password"
    Then the service refuses it as not matching

  @row-3 @1-4
  Scenario: A soft token is bound to one PC (格納パソコン) for each OTP user, and enrolled from that PC
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "devices.per_user, enrolment.soft_from"
    And the generator is a new "soft-pc"
    And user "Sato" has activated the generator on the device "pc-1"
    When user "Sato" enrols the generator on the device "pc-2"
    Then the service refuses it as not permitted
    When user "Sato" enrols the generator on the device "pc-1"
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service accepts it
    Given the generator "B" is a new "soft-pc"
    When the bank issues a soft token to user "Sato" with the start password "246810"
    And user "Sato" has activated the generator "B" on the device "pc-2"
    And user "Sato" enrols the generator "B"
    Then the service refuses it as taken
    When the app of the generator is copied to the device "pc-3"
    And I press the button of the generator
    Then the generator shows the text "Not this device"
    Given user "Suzuki" is a "user" of the contract
    And the generator "key" is from the bank
    When user "Suzuki" enrols the generator "key" on the device "pc-9"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "key"
    Then the service accepts it

  @row-4 @1-3
  Scenario: Hardware by application form (発行申請書), only for who can use nothing else
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.order.by, devices.only_without"
    When user "Sato" asks online for an order
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an order with "without_soft_token"
    Then the service refuses it as not eligible
    When user "Sato" asks by paper form for an order with "without_one_push"
    Then the service refuses it as not eligible
    When user "Sato" asks by paper form for an order with "without_soft_token, without_one_push"
    Then the service accepts it
    When the bank mails the generator
    And the post delivers the generator
    And user "Sato" enrols the generator
    Then the service accepts it

  @row-5 @3
  Scenario: An OTP user (OTP利用者) is a registered person whose enrolment the bank accepted
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "enrolment.asks"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    When user "Ito" enrols the generator
    Then the service refuses it as not eligible
    When user "Suzuki" enrols the generator with a wrong "credential_id"
    Then the service refuses it as unknown
    When user "Suzuki" gives a code of the generator
    Then the service refuses it as not enrolled
    When user "Suzuki" enrols the generator
    Then the service accepts it
    When user "Suzuki" gives a code of the generator
    Then the service accepts it

  @row-6 @2-1 @2-2
  Scenario: Free (無料), but for the second hardware token and a reissue; changes are announced
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "fees.first, fees.monthly, fees.additional, fees.reissue, fee_terms.notice_days, acts.change_fee.by, acts.change_fee.notified, acts.order.by, fee_terms.account, fee_terms.collected, acts.report_loss.by, acts.reissue.by"
    And user "Suzuki" is a "user" of the contract
    When user "Sato" asks by paper form for an order with "without_soft_token, without_one_push"
    Then the service accepts it
    When the bank mails the generator
    And the post delivers the generator
    Given user "Sato" uses the generator
    When 1 year passes
    Then 0 yen were charged so far
    When user "Sato" asks by paper form for an order with "without_soft_token, without_one_push"
    Then 2200 yen were charged so far
    When the bank decides on a new fee with "fee = reissue, yen = 3300, days = 29"
    Then the service refuses it as too early
    And the bank has told the customer nothing
    When user "Sato" asks by phone for a new fee with "fee = reissue, yen = 0, days = 30"
    Then the service refuses it as not permitted
    When the bank decides on a new fee with "fee = reissue, yen = 3300, days = 30"
    Then the service accepts it
    And the bank has told the customer of a new fee
    When user "Sato" asks by phone for a loss
    And user "Sato" asks by paper form for a reissue
    Then 4400 yen were charged so far
    When the bank mails the generator "B"
    And the post delivers the generator "B"
    And user "Sato" uses the generator "B"
    And 30 days pass
    And user "Sato" asks by phone for a loss
    And user "Sato" asks by paper form for a reissue
    Then 7700 yen were charged so far
    And the ledger was charged to the "representative_account"
    And 0 yen of it are unpaid

  @row-7 @4-1 @4-2
  Scenario: Enrolment by token ID and two different consecutive OTPs (連続して生成する２つの異なるOTP)
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "enrolment.asks"
    And the generator is from the bank
    When user "Sato" enrols the generator without "code_2"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator with the same code twice
    Then the service refuses it as unfit
    When user "Sato" enrols the generator with codes that do not follow one another
    Then the service refuses it as wrong
    When user "Sato" enrols the generator with a wrong "code"
    Then the service refuses it as wrong
    When user "Sato" enrols the generator with a wrong "credential_id"
    Then the service refuses it as unknown
    When user "Sato" enrols the generator with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator with a wrong "user_id"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator with a wrong "contract_number"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator
    Then the service accepts it

  @row-7 @4-1(1)
  Scenario: The same with the token ID (トークンID) that the soft token shows
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "enrolment.asks"
    And the generator is a new "soft-pc"
    And user "Sato" has activated the generator on the device "pc-1"
    Then the generator shows its serial number
    When user "Sato" enrols the generator with a wrong "credential_id"
    Then the service refuses it as unknown
    When user "Sato" enrols the generator without "code_2"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator
    Then the service accepts it

  @row-8 @5-3
  Scenario: Consecutive mismatches (連続して) stop that OTP user; a form or the administrator resumes
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "limits.scope, limits.lock_after_failures, limits.consecutive, acts.unlock.by"
    And user "Suzuki" is a "user" of the contract
    And the generator "A" is from the bank
    And user "Sato" uses the generator "A"
    And the generator "B" is from the bank
    And user "Suzuki" uses the generator "B"
    When user "Suzuki" gives 4 wrong codes of the generator "B"
    And user "Suzuki" gives a code of the generator "B"
    Then the service accepts it
    When user "Suzuki" gives 4 wrong codes of the generator "B"
    And user "Suzuki" gives a code of the generator "B"
    Then the service accepts it
    When user "Suzuki" gives 5 wrong codes of the generator "B"
    And user "Suzuki" gives a code of the generator "B"
    Then the service refuses it as stopped
    When user "Sato" gives a code of the generator "A"
    Then the service accepts it
    When user "Sato" asks by phone for an unlocking of user "Suzuki"
    Then the service refuses it as not permitted
    When user "Sato" asks online for an unlocking of user "Suzuki"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "B"
    Then the service accepts it
    When user "Suzuki" gives 5 wrong codes of the generator "B"
    And user "Suzuki" asks by paper form for an unlocking
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "B"
    Then the service accepts it

  @row-8 @5-3
  Scenario: The foreign-exchange edition (外為版) resumes by paper form only
    Given the bank follows the edition "fx" of "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "editions.fx.acts.unlock.by, limits.lock_after_failures, limits.scope"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Suzuki" uses the generator
    When user "Suzuki" gives 5 wrong codes of the generator
    And user "Suzuki" gives a code of the generator
    Then the service refuses it as stopped
    When user "Sato" asks online for an unlocking of user "Suzuki"
    Then the service refuses it as not permitted
    When user "Suzuki" asks by paper form for an unlocking
    Then the service accepts it
    When user "Suzuki" gives a code of the generator
    Then the service accepts it

  @row-9 @6-1 @6-2 @6-3 @6-4
  Scenario: Suspension and resumption (一時停止・再開) with the same token, by paper form or by the bank
    While suspended the service works without an OTP until a date the bank sets: 30 days [ours].
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.suspend.by, acts.suspend.without_code_days, acts.suspend.notified, acts.resume.by, acts.resume.notified, operations.login.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks online for a suspension
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a suspension
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service refuses it as suspended
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When 29 days pass
    And user "Sato" does "login" without "code"
    Then the service accepts it
    When 1 day passes
    And user "Sato" does "login" without "code"
    Then the service refuses it as too late
    When user "Sato" asks online for a resumption
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a resumption
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "login"
    Then the service accepts it
    When the bank decides on a suspension for user "Sato"
    Then the service accepts it
    And the bank has told the customer of a suspension
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When the bank decides on a resumption for user "Sato"
    Then the service accepts it
    And the bank has told the customer of a resumption
    When user "Sato" does "login"
    Then the service accepts it

  @row-10 @7-1 @7-2 @7-3
  Scenario: Release (利用解除): the registration is void; without an OTP until a date
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.release.by, acts.release.announced, acts.release.without_code_days, operations.login.asks, otp.required"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Suzuki" uses the generator
    And user "Tanaka" is a "equal_user" of the contract
    When user "Suzuki" asks online for a release
    Then the service refuses it as not permitted
    When user "Tanaka" asks online for a release of user "Suzuki"
    Then the service refuses it as not permitted
    When user "Sato" asks online for a release of user "Suzuki"
    Then the service accepts it
    And the bank has announced nothing
    When user "Suzuki" gives a code of the generator
    Then the service refuses it as not enrolled
    When 29 days pass
    And user "Suzuki" does "login" without "code"
    Then the service accepts it
    When 1 day passes
    And user "Suzuki" does "login" without "code"
    Then the service refuses it as too late
    When user "Suzuki" enrols the generator
    Then the service accepts it
    When user "Suzuki" asks by paper form for a release
    Then the service accepts it
    When user "Suzuki" enrols the generator
    And the bank decides on a release for user "Suzuki"
    Then the service accepts it
    And the bank has announced a release

  @row-10 @7-3
  Scenario: In the foreign-exchange edition (外為版) also a user with equal rights releases
    Given the bank follows the edition "fx" of "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "editions.fx.acts.release.by"
    And user "Suzuki" is a "user" of the contract
    And user "Tanaka" is a "equal_user" of the contract
    And the generator is from the bank
    And user "Suzuki" uses the generator
    When user "Suzuki" asks online for a release
    Then the service refuses it as not permitted
    When user "Tanaka" asks online for a release of user "Suzuki"
    Then the service accepts it
    When user "Suzuki" enrols the generator
    And user "Sato" asks online for a release of user "Suzuki"
    Then the service accepts it
    When user "Suzuki" enrols the generator
    And user "Suzuki" asks by paper form for a release
    Then the service accepts it
    When user "Suzuki" enrols the generator
    And the bank decides on a release for user "Suzuki"
    Then the service accepts it

  @row-11 @7-4
  Scenario: Another token after a fault (故障): release, then enrol again
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "devices.per_user, acts.release.by"
    And the generator is from the bank
    And user "Sato" uses the generator
    And the generator "new" is from the bank
    When user "Sato" enrols the generator "new"
    Then the service refuses it as taken
    When user "Sato" asks by phone for a release
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a release
    Then the service accepts it
    When user "Sato" enrols the generator "new"
    Then the service accepts it

  @row-11 @7-4
  Scenario: Another PC after a fault: release, then the soft token is enrolled from the new PC
    Without an OTP until a date the bank sets: 30 days [ours].
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "devices.per_user, acts.release.by, acts.release.without_code_days, enrolment.soft_from, operations.login.asks"
    And the generator is a new "soft-pc"
    And user "Sato" has activated the generator on the device "pc-1"
    And user "Sato" uses the generator
    And the generator "new" is a new "soft-pc"
    When the bank issues a soft token to user "Sato" with the start password "246810"
    And user "Sato" has activated the generator "new" on the device "pc-2"
    And user "Sato" enrols the generator "new"
    Then the service refuses it as taken
    When user "Sato" asks online for a release
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When 30 days pass
    And user "Sato" does "login" without "code"
    Then the service refuses it as too late
    When user "Sato" enrols the generator "new" on the device "pc-1"
    Then the service refuses it as not permitted
    When user "Sato" enrols the generator "new" on the device "pc-2"
    Then the service accepts it

  @row-12 @7-5 @7-6
  Scenario: Another OTP user: deletion online; the end of the contract
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.delete_user.by, acts.delete_user.asks, acts.terminate.by"
    And user "Suzuki" is a "user" of the contract
    And the generator "A" is from the bank
    And user "Sato" uses the generator "A"
    And the generator "B" is from the bank
    And user "Suzuki" uses the generator "B"
    When user "Suzuki" asks online for a deletion
    Then the service refuses it as not permitted
    When user "Sato" asks online for a deletion of user "Suzuki" without "transaction_password"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a deletion of user "Suzuki" without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a deletion of user "Suzuki"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "B"
    Then the service refuses it as not eligible
    When user "Sato" asks by phone for a termination
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a termination
    Then the service accepts it
    When user "Sato" does "login"
    Then the service refuses it as ended
    When user "Sato" gives a code of the generator "A"
    Then the service refuses it as not enrolled

  @row-13 @8-3
  Scenario: Loss, theft, forgery or leak (紛失・盗難・偽造・漏洩) by phone: all stops at once
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.report_loss.by, acts.report_loss.stops"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" asks online for a loss
    Then the service refuses it as not permitted
    When user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" does "login"
    Then the service refuses it as stopped
    When user "Suzuki" does "login" without "code"
    Then the service refuses it as stopped
    When user "Suzuki" enrols the generator
    Then the service refuses it as stopped

  @row-14 @8-1
  Scenario: No lending (貸与), no transfer (譲渡): an ID enrolled for one user is refused for another
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "enrolment.users_per_token"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Suzuki" enrols the generator
    Then the service refuses it as taken
    When user "Suzuki" gives a code of the generator
    Then the service refuses it as not enrolled
    When user "Sato" gives a code of the generator
    Then the service accepts it

  @row-15 @5-4
  Scenario: An outage of the OTP system: its use is interrupted (一時中断) and announced (お知らせ)
    Meanwhile nothing that asks for an OTP goes on [ours].
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.interrupt.by, acts.interrupt.announced, acts.restore.by, otp.outage, operations.login.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" asks by phone for an interruption
    Then the service refuses it as not permitted
    When the bank decides on an interruption
    Then the service accepts it
    And the bank has announced an interruption
    When user "Sato" does "login"
    Then the service refuses it as interrupted
    When the bank decides on a restoration
    Then the service accepts it
    When user "Sato" does "login"
    Then the service accepts it

  @row-16 @1-1
  Scenario: A soft token that counts presses (押下した回数), on its PC
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "enrolment.soft_from, operations.approve.order, otp.required"
    And the generator is a new "soft-pc-count"
    And user "Sato" has activated the generator on the device "pc-1"
    When user "Sato" does "approve" without "code"
    Then the service accepts it
    And 1 accepted orders will be carried out
    When user "Sato" enrols the generator on the device "pc-2"
    Then the service refuses it as not permitted
    When user "Sato" enrols the generator
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" gives the same code of the generator
    Then the service refuses it as replayed
    When I press the button of the generator
    And I press the button of the generator
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When the app of the generator is copied to the device "pc-2"
    And I press the button of the generator
    Then the generator shows the text "Not this device"

  @row-17 @7-5
  Scenario: Another administrator by the page and its printed confirmation (確認書)
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.replace_administrator.by, acts.replace_administrator.asks, acts.replace_administrator.printed, acts.hand_in_confirmation.by"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Suzuki" asks online for a new administrator with "new_user = Takahashi"
    Then the service refuses it as not permitted
    When user "Sato" asks online for a new administrator without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a new administrator without "transaction_password"
    Then the service refuses it as incomplete
    When user "Sato" hands in the printed confirmation
    Then the service refuses it as unknown
    When user "Sato" asks online for a new administrator with "new_user = Takahashi"
    Then the service accepts it
    And user "Takahashi" is no user of the contract
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" asks by phone for a printed confirmation
    Then the service refuses it as not permitted
    When user "Sato" hands in the printed confirmation
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service refuses it as not eligible
    When user "Takahashi" enrols the generator
    Then the service accepts it

  @row-17 @7-5
  Scenario: Another administrator by the application form (利用申込書) alone
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.replace_administrator.by"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks by phone for a new administrator with "new_user = Takahashi"
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a new administrator with "new_user = Takahashi"
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service refuses it as not eligible
    When user "Takahashi" enrols the generator
    Then the service accepts it

  @row-8 @5-3
  Scenario: Two users stopped at once: the form resumes the one it names (利用再開するOTP利用者を指定)
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.unlock.by, acts.unlock.asks, limits.scope"
    And user "Suzuki" is a "user" of the contract
    And user "Tanaka" is a "user" of the contract
    And the generator "A" is from the bank
    And user "Sato" uses the generator "A"
    And the generator "B" is from the bank
    And user "Suzuki" uses the generator "B"
    And the generator "C" is from the bank
    And user "Tanaka" uses the generator "C"
    When user "Suzuki" gives 5 wrong codes of the generator "B"
    And user "Tanaka" gives 5 wrong codes of the generator "C"
    And user "Sato" asks by paper form for an unlocking with "for_whom = "
    Then the service refuses it as incomplete
    When user "Sato" asks online for an unlocking of user "Suzuki" without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for an unlocking of user "Suzuki" without "transaction_password"
    Then the service refuses it as incomplete
    When user "Sato" asks by paper form for an unlocking of user "Suzuki"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "B"
    Then the service accepts it
    When user "Tanaka" gives a code of the generator "C"
    Then the service refuses it as stopped

  @row-10 @7-3
  Scenario: Whoever releases online proves oneself by an OTP (利用解除の届出)
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.release.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks online for a release without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a release without "transaction_password"
    Then the service refuses it as incomplete

  @row-10 @7-3
  Scenario: The same in the foreign-exchange edition (外為版)
    Given the bank follows the edition "fx" of "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "editions.fx.acts.release.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks online for a release without "code"
    Then the service refuses it as incomplete

  @row-13 @8-3
  Scenario: Two losses at once, one of them by who has no token; each has its own way back
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.report_loss.by, acts.report_loss.stops, acts.readmit.by, otp.required"
    And user "Suzuki" is a "user" of the contract
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Suzuki" asks by phone for a loss
    Then the service accepts it
    When user "Sato" asks by phone for a loss
    And user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" asks by phone for a readmission
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a readmission
    Then the service accepts it
    When user "Suzuki" does "login" without "code"
    Then the service refuses it as stopped
    When user "Suzuki" asks by paper form for a readmission
    And user "Suzuki" does "login" without "code"
    Then the service accepts it

  @row-9 @9-1
  Scenario: A change of these terms (規定の変更) holds when it was announced
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And this row uses the rules "acts.change_terms.by, acts.change_terms.requires, acts.change_terms.announced, fees.first"
    When user "Sato" asks by paper form for new terms
    Then the service refuses it as not permitted
    When the bank decides on new terms with "rule = fees.first, value = 100, days = 3"
    Then the service refuses it as incomplete
    And the bank has announced nothing
    When the bank decides on new terms with "rule = fees.first, value = 100, days = 3, announcement"
    Then the service accepts it
    And the bank has announced new terms
    When 2 days pass
    Then the old rules apply
    When 1 day passes
    Then the new rules apply

  @row-7 @row-3 @4-1 @5-1 @5-3 @6-3 @7-4 @8-3 @7-6
  Scenario: A customer's years: contract, soft token, low attention, wrong codes, another PC, a Sunday's loss, the end
    Given the bank follows the rulebook "joyo"
    And user "Sato" is a "administrator" of the contract
    And user "Suzuki" is a "user" of the contract
    And the generator "pc" is a new "soft-pc"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When user "Sato" has activated the generator "pc" on the device "pc-1"
    Then the generator "pc" shows its serial number
    When user "Sato" enrols the generator "pc"
    Then the service accepts it
    When user "Sato" asks by paper form for an order with "without_soft_token, without_one_push"
    Then the bank has 1 generators to send
    When the bank mails the generator "fob"
    And the post delivers the generator "fob"
    And user "Suzuki" uses the generator "fob"
    Then 0 yen were charged so far
    When user "Suzuki" gives a code of the generator "fob" every 30 days for 1 year
    And user "Suzuki" does "approve"
    Then the service accepts it
    When user "Suzuki" gives 5 wrong codes of the generator "fob"
    And user "Suzuki" does "login"
    Then the service refuses it as stopped
    When user "Sato" asks online for an unlocking of user "Suzuki"
    And user "Suzuki" does "login"
    Then the service accepts it
    When user "Sato" asks by paper form for a suspension of user "Suzuki"
    And user "Suzuki" does "login" without "code"
    Then the service accepts it
    When user "Sato" asks by paper form for a resumption of user "Suzuki"
    And user "Suzuki" does "login"
    Then the service accepts it
    When user "Sato" asks online for a release
    Then the service accepts it
    When user "Sato" has activated the generator "pc-new" on the device "pc-2"
    And user "Sato" enrols the generator "pc-new"
    Then the service accepts it
    When it is the next "Sunday" at 23 hours 0 in Japan
    And user "Suzuki" asks by phone for a loss
    Then the service accepts it
    When user "Sato" does "login"
    Then the service refuses it as stopped
    When user "Suzuki" asks by paper form for a reissue
    Then 2200 yen were charged so far
    And the ledger was charged to the "representative_account"
    When the bank mails the generator "second"
    And the post delivers the generator "second"
    And user "Suzuki" enrols the generator "second"
    Then the service accepts it
    When user "Suzuki" gives a code of the generator "fob"
    Then the service refuses it as wrong
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" asks by paper form for a termination
    And user "Suzuki" does "login"
    Then the service refuses it as ended
