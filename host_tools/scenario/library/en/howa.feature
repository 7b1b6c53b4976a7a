Feature: Howa: corporate Internet banking (法人向けインターネットバンキング)
  The terms of use, by their articles. What they do not say and keyfob chose is marked [ours].

  @row-1 @2(1)
  Scenario: One method of proof (認証方式) for each contract
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "contract.methods, acts.change_method.by, acts.issue_certificate.by, editions.plain.operations.login.asks"
    And user "Sato" is a "master_user" of the contract
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" does "login" with a wrong "login_id"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator
    Then the service refuses it as not eligible
    When user "Sato" asks online for a certificate
    Then the service refuses it as not eligible
    When user "Sato" asks online for another method with "method = otp"
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for another method with "method = otp"
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service accepts it

  @row-2 @2(1)②
  Scenario: Certificate (電子証明書): issue, validity, renewal, deletion, the end of the contract
    Validity is 365 days, renewal from 30 days before its end on [ours].
    Given the bank follows the edition "certificate" of "howa"
    And this row uses the rules "contract.methods, editions.certificate.operations.login.asks, acts.issue_certificate.by, acts.issue_certificate.asks, acts.renew_certificate.by, acts.renew_certificate.asks, acts.delete_certificate.by, acts.delete_certificate.requires, certificate.valid_days, certificate.renewal_days, acts.terminate.by"
    And user "Sato" is a "master_user" of the contract
    And user "Suzuki" is a "general_user" of the contract
    And the generator is a new "soft-phone"
    When user "Sato" does "login"
    Then the service refuses it as incomplete
    When user "Suzuki" asks online for a certificate
    Then the service refuses it as not permitted
    When user "Sato" asks online for a certificate without "login_id"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a certificate without "login_password"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a certificate
    Then the service accepts it
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" does "login" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "certificate"
    Then the service refuses it as not matching
    When 334 days pass
    And user "Sato" asks online for a renewed certificate
    Then the service refuses it as too early
    When 1 day passes
    And user "Sato" asks online for a renewed certificate without "certificate"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a renewed certificate without "login_password"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a renewed certificate
    Then the service accepts it
    When 31 days pass
    And user "Sato" does "login"
    Then the service accepts it
    When user "Sato" asks online for a deleted certificate
    Then the service refuses it as incomplete
    When user "Sato" asks online for a deleted certificate with "written_notice"
    Then the service accepts it
    When user "Sato" does "login"
    Then the service refuses it as not active
    When user "Sato" asks online for a certificate
    And user "Sato" does "login"
    Then the service accepts it
    When 365 days pass
    And user "Sato" does "login"
    Then the service refuses it as expired
    When user "Sato" asks online for a certificate
    And user "Sato" asks by phone for a termination
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a termination
    Then the service accepts it
    When user "Sato" does "login"
    Then the service refuses it as ended
    And the last certificate of user "Sato" is void

  @row-3 @2(1)③A
  Scenario: Issue of a token (トークンの発行): form, order, e-mail, app
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.order.by, acts.issue_token.by, acts.issue_token.asks, acts.issue_token.requires, mail.holds"
    And user "Suzuki" is a "general_user" of the contract
    And the generator is a new "soft-phone"
    When user "Sato" orders a soft token with the start password "246810"
    Then the service refuses it as incomplete
    When user "Sato" asks online for an order
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an order
    Then the service accepts it
    When user "Suzuki" orders a soft token with the start password "246810"
    Then the service refuses it as not permitted
    When user "Sato" orders a soft token without "email"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token without "start_password"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token with the start password "246810"
    Then the service accepts it
    And the e-mail to user "Sato" holds "download_address, service_id, user_id"
    When user "Sato" installs the app of the generator on the device "phone-1"
    And user "Sato" types service ID, user ID and the start password "135790" into the generator
    Then the bank refuses the app as "wrong password"
    When user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the bank activates the generator

  @row-4 @2(1)③B
  Scenario: Start of use (利用開始): the displayed code entered once and matching
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "enrolment.asks"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    When user "Sato" enrols the generator without "code"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator with a wrong "code"
    Then the service refuses it as wrong
    When user "Sato" enrols the generator
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service accepts it

  @row-5 @2(1)③ @2(1)③C
  Scenario: Every login asks for the code in addition (加えて)
    One place of the terms says in addition to login ID and login password, another to the confirmation password:
    here it is the former [ours], a setting.
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "operations.login.asks, otp.required"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    Given user "Sato" uses the generator
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "login" with a wrong "login_id"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "login"
    Then the service accepts it

  @row-6 @2(1)③D
  Scenario: Release (利用解除) by form: no code is asked any more; to use it again, issue and start again
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.release.by, devices.soft_again, operations.login.asks, otp.required"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" asks online for a release
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a release
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service refuses it as not active
    Given the generator "new" is a new "soft-phone"
    When the bank issues a soft token to user "Sato" with the start password "246810"
    And user "Sato" has activated the generator "new" on the device "phone-2"
    And user "Sato" enrols the generator "new"
    Then the service accepts it

  @row-7 @2(1)③E
  Scenario: The token shows its expiry date (有効期限), says when it is near, and the user extends it (延長)
    It is good for 730 days, and the end is near from 30 days before it on [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "expiry.soft_days, expiry.notice_days_before"
    And a step of 1 day has just begun
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    Then the generator shows its expiry date
    When 699 days pass
    And user "Sato" extends the generator
    Then the bank refuses the app as "not near its expiry date"
    When 1 day passes
    And I press the button of the generator
    Then the generator shows the text "Expires in 30 days"
    When user "Sato" extends the generator
    Then the bank extends the generator
    And the generator shows its expiry date
    When 31 days pass
    And user "Sato" gives a code of the generator
    Then the service accepts it

  @row-8 @2(1)③F
  Scenario: Loss (紛失): a call stops Internet banking at once, a form follows
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.report_loss.by, acts.report_loss.stops, acts.readmit.by"
    And user "Suzuki" is a "general_user" of the contract
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" asks online for a loss
    Then the service refuses it as not permitted
    When user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" does "login"
    Then the service refuses it as stopped
    When user "Suzuki" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks by phone for a readmission
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a readmission
    Then the service accepts it
    When user "Suzuki" does "transfer"
    Then the service accepts it

  @row-9 @2(1)③G
  Scenario: Consecutive mismatches (連続して) stop Internet banking; resumed by form
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "limits.scope, limits.lock_after_failures, limits.consecutive, acts.unlock.by"
    And user "Suzuki" is a "general_user" of the contract
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When user "Sato" gives 4 wrong codes of the generator
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" gives 4 wrong codes of the generator
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" gives 5 wrong codes of the generator
    And user "Suzuki" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks by phone for an unlocking
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an unlocking
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Suzuki" does "transfer"
    Then the service accepts it

  @row-10 @2(3)⑤
  Scenario: Wrong passwords lock for a period (ロックアウト); too many locks end use; orders survive
    Five in a row lock for 30 minutes, and after two locks the third is for good [ours]. Login ID, login password and
    confirmation password count together.
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "editions.plain.operations.login.asks, operations.transfer.asks, operations.transfer.order, secrets.login_id.counted_with, secrets.confirmation_password.counted_with, secrets.login_password.tries, secrets.login_password.lock_seconds, secrets.login_password.locks, secrets.login_password.stops, acts.reset_secret.by"
    And user "Sato" is a "master_user" of the contract
    And user "Suzuki" is a "general_user" of the contract
    And the generator is a new "soft-phone"
    When user "Sato" does "transfer"
    And user "Sato" confirms it
    Then 1 accepted orders will be carried out
    When user "Sato" 4 times does "login" with a wrong "login_password"
    And user "Sato" does "login"
    Then the service accepts it
    When user "Sato" 4 times does "login" with a wrong "login_password"
    And user "Sato" does "login" with a wrong "login_id"
    Then the service refuses it as not matching
    When user "Suzuki" does "login"
    Then the service refuses it as stopped
    And 1 accepted orders will be carried out
    When 1799 seconds pass
    And user "Sato" does "login"
    Then the service refuses it as stopped
    When 1 second passes
    And user "Sato" does "login"
    Then the service accepts it
    When user "Sato" does "transfer"
    And user "Sato" 4 times does "login" with a wrong "login_password"
    And user "Sato" 1 times confirms it with a wrong "confirmation_password"
    Then the service refuses it as not matching
    When user "Sato" confirms it
    Then the service refuses it as stopped
    When 1 hour passes
    And user "Sato" does "login"
    Then the service accepts it
    When user "Sato" 5 times does "login" with a wrong "login_password"
    And 1 day passes
    And user "Sato" does "login"
    Then the service refuses it as stopped
    When user "Sato" asks by phone for a new password
    Then the service refuses it as not permitted
    When user "Sato" asks at the branch for a new password
    Then the service accepts it
    When user "Sato" does "login" with the former "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "login"
    Then the service accepts it

  @row-11 @4(1) @4(2) @4(3)
  Scenario: Master user (マスターユーザ), administrators, general users; changes count when processed
    The processing takes a day [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.add_user.by, acts.add_user.after_seconds, acts.delete_user.by, acts.delete_user.after_seconds, otp.required"
    And user "Suzuki" is a "administrator" of the contract
    And user "Tanaka" is a "general_user" of the contract
    And the generator is a new "soft-phone"
    When user "Tanaka" asks online for a new user with "new_user = Takahashi"
    Then the service refuses it as not permitted
    When user "Suzuki" asks online for a new user with "new_user = Takahashi"
    Then the service accepts it
    When 86399 seconds pass
    And user "Takahashi" does "login"
    Then the service refuses it as too early
    When 1 second passes
    And user "Takahashi" does "login"
    Then the service accepts it
    When user "Sato" asks online for a new user with "new_user = Ito"
    Then the service accepts it
    When user "Tanaka" asks online for a deletion of user "Takahashi"
    Then the service refuses it as not permitted
    When user "Suzuki" asks online for a deletion of user "Takahashi"
    Then the service accepts it
    When 86399 seconds pass
    And user "Takahashi" does "login"
    Then the service accepts it
    When 1 second passes
    And user "Takahashi" does "login"
    Then the service refuses it as not eligible
    When user "Sato" asks online for a deletion of user "Tanaka"
    Then the service accepts it

  @row-12 @22(5)
  Scenario: A transfer is confirmed by password within a time (所定の時間内), else it is void
    The time is ten minutes [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "operations.transfer.asks, operations.transfer.order, operations.transfer.confirm_seconds"
    And the generator is a new "soft-phone"
    When user "Sato" does "transfer"
    And 600 seconds pass
    And user "Sato" 1 times confirms it with a wrong "confirmation_password"
    Then the service refuses it as not matching
    And 0 accepted orders will be carried out
    When user "Sato" confirms it
    Then the service accepts it
    And 1 accepted orders will be carried out
    When user "Sato" does "transfer"
    And 601 seconds pass
    And user "Sato" confirms it
    Then the service refuses it as too late
    And 1 accepted orders will be carried out

  @row-13 @24(5)
  Scenario: Repeatedly wrong customer, payment or confirmation numbers (お客さま番号・納付番号・確認番号)
    They suspend the payment service for a period: three in a row, an hour [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "operations.payment.asks, operations.payment.order, operations.payment.confirm_seconds, secrets.customer_number.counted_with, secrets.confirmation_number.counted_with, secrets.payment_number.tries, secrets.payment_number.lock_seconds, secrets.payment_number.stops, acts.reopen.by"
    And the generator is a new "soft-phone"
    When user "Sato" 2 times does "payment" with a wrong "payment_number"
    And user "Sato" does "payment"
    Then the service accepts it
    And 0 accepted orders will be carried out
    When 600 seconds pass
    And user "Sato" confirms it
    Then 1 accepted orders will be carried out
    When user "Sato" does "payment"
    And 601 seconds pass
    And user "Sato" confirms it
    Then the service refuses it as too late
    When user "Sato" does "payment" without "confirmation_password"
    And user "Sato" confirms it
    Then the service accepts it
    When user "Sato" does "payment" with a wrong "customer_number"
    Then the service refuses it as not matching
    When user "Sato" does "payment" with a wrong "payment_number"
    Then the service refuses it as not matching
    When user "Sato" does "payment" with a wrong "confirmation_number"
    Then the service refuses it as not matching
    When user "Sato" does "payment"
    Then the service refuses it as stopped
    When user "Sato" does "transfer"
    Then the service accepts it
    When 3599 seconds pass
    And user "Sato" does "payment"
    Then the service refuses it as stopped
    When 1 second passes
    And user "Sato" does "payment"
    Then the service accepts it
    When user "Sato" 3 times does "payment" with a wrong "payment_number"
    And user "Sato" asks by phone for a reopening
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a reopening
    Then the service accepts it
    When user "Sato" does "payment"
    Then the service accepts it

  @row-14 @2(1)③I
  Scenario: The OTP is free (無料)
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "fees.soft"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    Then 0 yen were charged so far

  @row-17 @15
  Scenario: A pause (休止) stops all services, whatever they ask for; time and content are announced
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.interrupt.by, acts.interrupt.stops, acts.interrupt.requires, acts.interrupt.announced, acts.restore.by, operations.balance.asks"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When user "Sato" asks by phone for an interruption
    Then the service refuses it as not permitted
    When the bank decides on an interruption with "time = 3 May"
    Then the service refuses it as incomplete
    When the bank decides on an interruption with "content = all services"
    Then the service refuses it as incomplete
    When user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" does "balance" without "login_id"
    Then the service refuses it as incomplete
    When user "Sato" does "balance" without "login_password"
    Then the service refuses it as incomplete
    When the bank decides on an interruption with "time = 3 May, content = all services"
    Then the service accepts it
    And the bank has announced an interruption
    When user "Sato" does "balance"
    Then the service refuses it as interrupted
    When user "Sato" does "login"
    Then the service refuses it as interrupted
    When the bank decides on a restoration
    Then the service accepts it
    When user "Sato" does "login"
    Then the service accepts it

  @row-14 @10(1) @10(6) @1(6)①
  Scenario: Termination (解約) at any time, and at once after three months unpaid (3ヶ月の未払い)
    Three months are 90 days from the day of the oldest unpaid fee on [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.unpaid_days, contract.grounds, fees.monthly, acts.terminate_at_once.by, acts.terminate.by, fee_terms.collected, fee_terms.account"
    And the account that fees are drawn from is empty
    And the generator is a new "soft-phone"
    When user "Sato" asks by phone for a termination
    Then the service refuses it as not permitted
    When 119 days pass
    Then 3300 yen were charged so far
    And the ledger was charged to the "representative_account"
    When the bank decides on a termination at once
    Then the service refuses it as not eligible
    When 1 day passes
    And user "Sato" asks by paper form for a termination at once
    Then the service refuses it as not permitted
    When the bank decides on a termination at once
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as ended

  @row-14 @10(6)
  Scenario: A year unused (1年以上の不使用) is a ground too
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.unused_days, contract.grounds, acts.terminate_at_once.by"
    And the generator is a new "soft-phone"
    When 364 days pass
    And the bank decides on a termination at once
    Then the service refuses it as not eligible
    When 1 day passes
    And the bank decides on a termination at once
    Then the service accepts it

  @row-14 @10(6)
  Scenario Outline: Ended at once (通知なしの解約) once the bank knows of <ground>
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.grounds, acts.terminate_at_once.by"
    When the bank decides on a termination at once
    Then the service refuses it as not eligible
    When the bank learns of the customer: "<ground>"
    And the bank decides on a termination at once
    Then the service accepts it

    Examples:
      | ground |
      | insolvency |
      | clearing_house_ban |
      | inheritance |
      | whereabouts_unknown |
      | business_closed |
      | false_notice |
      | breach |

  @row-14 @2(3)④
  Scenario: A forgotten password (失念) at the branch
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "acts.reset_secret.by, editions.plain.operations.login.asks"
    And user "Sato" is a "master_user" of the contract
    When user "Sato" asks by phone for a new password
    Then the service refuses it as not permitted
    When user "Sato" asks at the branch for a new password
    Then the service accepts it
    When user "Sato" does "login" with the former "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "login"
    Then the service accepts it

  @row-14 @20 @10(1) @10(3)
  Scenario: A term of one year (1年間), renewed; the bank may end the contract
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.term_days, acts.terminate.by, acts.terminate.notified"
    And the generator is a new "soft-phone"
    When 364 days pass
    Then the contract was renewed 0 times
    When 1 day passes
    Then the contract was renewed 1 times
    When user "Sato" does "transfer"
    Then the service accepts it
    When user "Sato" asks by phone for a termination
    Then the service refuses it as not permitted
    When the bank decides on a termination
    Then the service accepts it
    And the bank has told the customer of a termination
    When user "Sato" does "transfer"
    Then the service refuses it as ended

  @row-14 @20
  Scenario: Who does not want it renewed says so (特に申し出): it ends with its term
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.no_renewal.by, contract.term_days"
    When user "Sato" asks online for no renewal
    Then the service refuses it as not permitted
    When the bank decides on no renewal
    Then the service accepts it
    When user "Sato" asks by paper form for no renewal
    Then the service accepts it
    When 364 days pass
    And user "Sato" does "transfer"
    Then the service accepts it
    When 1 day passes
    And user "Sato" does "transfer"
    Then the service refuses it as ended

  @row-14 @10(6)
  Scenario: The letter with the password comes back (郵便不着); a ground that arises from the post
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.terminate_at_once.by, contract.grounds"
    When the post returns the letter with the password of user "Sato"
    And the bank decides on a termination at once
    Then the service accepts it

  @row-14 @10(6)
  Scenario: Often late (しばしば遅延): a ground that arises from the ledger
    Three fees paid more than 30 days after they were due [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.late_payments, contract.payment_days, contract.grounds, fee_terms.collected"
    And the account that fees are drawn from is empty
    When 90 days pass
    And 31 days pass
    And the contract has paid its fees
    And the bank decides on a termination at once
    Then the service accepts it

  @row-14 @10(6)
  Scenario: Fees that were paid in time, or twice late, are no ground
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.late_payments, contract.payment_days"
    And the account that fees are drawn from is empty
    When 120 days pass
    And the contract has paid its fees
    And the bank decides on a termination at once
    Then the service refuses it as not eligible

  @row-14 @10(4) @11
  Scenario: A closed representative account (代表口座の解約) ends the contract; anti-social forces (反社会的勢力) stop it
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "contract.ends_by, acts.stop_service.by, acts.stop_service.ground, acts.stop_service.stops"
    When the bank decides on a stop of the service
    Then the service refuses it as not eligible
    When the bank learns of the customer: "anti_social"
    And user "Sato" asks by phone for a stop of the service
    Then the service refuses it as not permitted
    When the bank decides on a stop of the service
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When the bank learns of the customer: "representative_account_closed"
    And user "Sato" does "transfer"
    Then the service refuses it as ended

  @row-12 @3(2) @22(6)② @23
  Scenario: Orders are confirmed in time; a firm one is asked back (組戻) on paper, for a fee
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "operations.transfer.withdrawn, operations.bulk_transfer.asks, operations.bulk_transfer.confirm_seconds, operations.bulk_transfer.order, operations.bulk_transfer.withdrawn, operations.payroll_transfer.asks, operations.payroll_transfer.confirm_seconds, operations.payroll_transfer.order, operations.payroll_transfer.withdrawn, acts.withdraw_order.by, fees.withdrawal"
    When user "Sato" asks by paper form for a withdrawal of the order
    Then the service refuses it as not permitted
    When user "Sato" does "bulk_transfer"
    And 601 seconds pass
    And user "Sato" confirms it
    Then the service refuses it as too late
    When user "Sato" does "bulk_transfer"
    And 600 seconds pass
    And user "Sato" 1 times confirms it with a wrong "confirmation_password"
    Then the service refuses it as not matching
    When user "Sato" confirms it
    Then 1 accepted orders will be carried out
    When user "Sato" asks online for a withdrawal of the order
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a withdrawal of the order
    Then 880 yen were charged so far
    When user "Sato" does "payroll_transfer"
    And 601 seconds pass
    And user "Sato" confirms it
    Then the service refuses it as too late
    When user "Sato" does "payroll_transfer"
    And 600 seconds pass
    And user "Sato" confirms it
    Then 2 accepted orders will be carried out
    When user "Sato" asks by paper form for a withdrawal of the order
    Then 1760 yen were charged so far
    When user "Sato" does "transfer"
    And user "Sato" confirms it
    And user "Sato" asks by paper form for a withdrawal of the order
    Then 2640 yen were charged so far

  @row-14 @7(1) @8 @12 @14 @1(6)②
  Scenario: Addresses (届出事項の変更), from abroad (海外), an abolition (廃止), a new basic fee
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.change_address.by, acts.change_email.by, contract.abroad, acts.abolish.by, acts.change_fee.by"
    When user "Sato" asks online for a new address
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a new address
    Then the service accepts it
    When user "Sato" asks by paper form for a new e-mail address
    Then the service refuses it as not permitted
    When user "Sato" asks online for a new e-mail address
    Then the service accepts it
    When user "Sato" does "balance" from abroad
    Then the service refuses it as not permitted
    When user "Sato" asks by phone for an abolition with "service = balance"
    Then the service refuses it as not permitted
    When the bank decides on an abolition with "service = balance"
    And user "Sato" does "balance"
    Then the service refuses it as not eligible
    When user "Sato" does "transfer"
    Then the service accepts it
    When user "Sato" asks by phone for a new fee with "fee = monthly, yen = 0, days = 0"
    Then the service refuses it as not permitted
    When the bank decides on a new fee with "fee = monthly, yen = 2200, days = 0"
    And 30 days pass
    Then 2200 yen were charged so far

  @row-15 @1(2)③
  Scenario: On acceptance (承諾) the bank issues a temporary password (仮パスワード)
    The first login replaces it [ours].
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "contract.applied_by, editions.plain.operations.login.asks"
    When user "Kato" applies by phone for a contract
    Then the service refuses it as not permitted
    When user "Kato" applies by paper form for a contract
    And user "Kato" does "login"
    Then the service refuses it as not eligible
    When the bank accepts the application of user "Kato" as a "master_user"
    And user "Kato" does "login" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Kato" does "login"
    Then the service accepts it
    When user "Kato" does "login"
    Then the service accepts it

  @row-15 @1(2)④ @13
  Scenario: What was applied for (届出た取引) can be used; what is added later needs no application, unless designated
    What a service added later asks for is not in the terms [ours].
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "acts.add_service.by, acts.apply_service.by, operations.new_service.asks, operations.new_service.offered"
    And user "Sato" is a "master_user" of the contract
    And user "Sato" has applied for "balance" only
    When user "Sato" does "transfer"
    Then the service refuses it as not eligible
    When user "Sato" asks online for an application for a service with "service = transfer"
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an application for a service with "service = transfer"
    And user "Sato" does "transfer"
    Then the service accepts it
    When user "Sato" does "new_service"
    Then the service refuses it as not eligible
    When user "Sato" asks by paper form for a new service with "service = new_service, designated = no"
    Then the service refuses it as not permitted
    When the bank decides on a new service with "service = balance, designated = no"
    Then the service refuses it as taken
    When the bank decides on a new service with "service = new_service, designated = no"
    And user "Sato" does "new_service"
    Then the service accepts it
    When user "Sato" does "new_service" without "confirmation_password"
    Then the service refuses it as incomplete
    When the bank decides on a new service with "service = new_service, designated = yes"
    And user "Sato" does "new_service"
    Then the service refuses it as not eligible
    When user "Sato" asks by paper form for an application for a service with "service = new_service"
    And user "Sato" does "new_service"
    Then the service accepts it

  @row-14 @1(4)② @10(5)
  Scenario: Up to nineteen related accounts (関連口座); a closed one ends the contract as far as that account goes
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "contract.accounts, acts.file_account.by"
    And user "Sato" is a "master_user" of the contract
    When user "Sato" asks online for a related account with "account = 1"
    Then the service refuses it as not permitted
    When user "Sato" does "transfer" from the related account 1
    Then the service refuses it as not eligible
    When user "Sato" files related accounts up to number 19
    Then the service accepts it
    When user "Sato" files related accounts up to number 20
    Then the service refuses it as too many
    When user "Sato" asks by paper form for a related account with "account = 2"
    Then the service refuses it as taken
    When user "Sato" does "transfer" from the related account 1
    Then the service accepts it
    When the related account 1 is closed
    And user "Sato" does "transfer" from the related account 1
    Then the service refuses it as ended
    When user "Sato" does "transfer" from the related account 19
    Then the service accepts it
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" files related accounts up to number 19
    Then the service accepts it

  @row-16 @2(3)② @2(3)③
  Scenario: Passwords are changed at any time (随時変更); one that others may know is reported in the hours
    What follows is not stated: the person is stopped until the password is another [ours].
    Given the bank follows the edition "plain" of "howa"
    And this row uses the rules "acts.change_secret.by, acts.change_secret.asks, acts.report_leak.by, acts.report_leak.hours, acts.report_leak.stops, help.weekday_first_hour, help.weekday_last_hour, help.weekend_last_hour, editions.plain.operations.login.asks, acts.reset_secret.by"
    And user "Sato" is a "master_user" of the contract
    And user "Kato" is a "administrator" of the contract
    And user "Suzuki" is a "general_user" of the contract
    When user "Suzuki" asks online for a change of password without "login_id"
    Then the service refuses it as incomplete
    When user "Suzuki" asks online for a change of password without "login_password"
    Then the service refuses it as incomplete
    When user "Suzuki" asks online for a change of password
    Then the service accepts it
    When user "Suzuki" does "login" with the former "login_password"
    Then the service refuses it as not matching
    When user "Suzuki" does "login"
    Then the service accepts it
    When user "Kato" asks online for a change of password
    Then the service accepts it
    When user "Sato" asks online for a change of password
    Then the service accepts it
    When it is the next "weekday" at 8 hours 59 in Japan
    And user "Suzuki" asks by phone for a leak
    Then the service refuses it as too early
    When it is the next "weekday" at 17 hours 0 in Japan
    And user "Suzuki" asks by phone for a leak
    Then the service refuses it as too early
    When it is the next "Saturday" at 0 hours 1 in Japan
    And user "Suzuki" asks by phone for a leak
    Then the service refuses it as too early
    When it is the next "weekday" at 9 hours 0 in Japan
    And user "Suzuki" asks online for a leak
    Then the service refuses it as not permitted
    When user "Suzuki" asks by phone for a leak
    Then the service accepts it
    When user "Suzuki" does "login"
    Then the service refuses it as stopped
    When user "Sato" does "login"
    Then the service accepts it
    When it is the next "weekday" at 16 hours 59 in Japan
    And user "Suzuki" asks by phone for a leak
    Then the service accepts it
    When user "Suzuki" asks at the branch for a new password
    And user "Suzuki" does "login"
    Then the service accepts it

  @row-18 @rider-1 @rider-3
  Scenario: Loss by fraud (預金被害補償): reported within 30 days, at most ten million yen a year
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "compensation.yearly_yen, compensation.report_days, compensation.methods, compensation.excludes, acts.claim.by"
    When user "Sato" asks online for a compensation with "loss = 3000000, days_ago = 30"
    Then the service refuses it as not permitted
    When user "Sato" asks at the branch for a compensation with "loss = 3000000, days_ago = 31"
    Then the service refuses it as too late
    When user "Sato" asks at the branch for a compensation with "loss = 3000000, days_ago = 3, police = not_informed"
    Then the service refuses it as not eligible
    When user "Sato" asks at the branch for a compensation with "loss = 3000000, days_ago = 3, fault = gross_negligence"
    Then the service refuses it as not eligible
    When user "Sato" asks at the branch for a compensation with "loss = 3000000, days_ago = 30"
    Then the service accepts it
    And the bank pays 3000000 yen for the loss
    When user "Sato" asks at the branch for a compensation with "loss = 8000000, days_ago = 3"
    Then the bank pays 7000000 yen for the loss

  @row-18 @rider-2
  Scenario Outline: What is paid with the method <method>: less where neither certificate nor OTP is used
    By how much it is reduced is not in the rider: by half [ours].
    Given the bank follows the edition "<method>" of "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "<rules>"
    When user "Sato" asks at the branch for a compensation with "loss = 3000000, days_ago = 10"
    Then the bank pays <yen> yen for the loss

    Examples:
      | method | yen | rules |
      | plain | 1500000 | compensation.methods, compensation.reduced_percent, contract.methods |
      | certificate | 3000000 | compensation.methods |

  @row-19 @17
  Scenario: Changed terms (規定の変更) hold from a date at least one month after publication
    One month is counted as 31 days [ours].
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And this row uses the rules "acts.change_terms.by, acts.change_terms.announced, terms.notice_days, fees.soft"
    When user "Sato" asks by paper form for new terms
    Then the service refuses it as not permitted
    When the bank decides on new terms with "rule = fees.soft, value = 300, days = 30"
    Then the service refuses it as too early
    And the bank has announced nothing
    When the bank decides on new terms with "rule = fees.soft, value = 100, days = 31"
    Then the service accepts it
    And the bank has announced new terms
    When 30 days pass
    Then the old rules apply
    When 1 day passes
    Then the new rules apply

  @row-3 @row-7 @2(1)③A @2(1)③E @2(1)③F @2(1)③G @10(1)
  Scenario: A customer's years: form, e-mail, app, daily use, notice and extension, wrong codes, a loss, the end
    Given the bank follows the rulebook "howa"
    And user "Sato" is a "master_user" of the contract
    And the generator "app" is a new "soft-phone"
    When user "Sato" orders a soft token with the start password "246810"
    Then the service refuses it as incomplete
    When user "Sato" asks by paper form for an order
    And user "Sato" orders a soft token with "email = phone@example.jp, start_password = 246810"
    Then the service accepts it
    And the e-mail to user "Sato" holds "download_address, service_id, user_id"
    And the last e-mail to user "Sato" went to "phone@example.jp"
    And the e-mail to user "Sato" does not hold "246810"
    When user "Sato" installs the app of the generator "app" on the device "phone-1"
    And user "Sato" types service ID, user ID and the start password "246810" into the generator "app"
    Then the bank activates the generator "app"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When user "Sato" enrols the generator "app"
    And user "Sato" does "login"
    Then the service accepts it
    When 701 days pass
    And I press the button of the generator "app"
    Then the generator "app" shows the text "Expires in 29 days"
    When 1 minute passes
    Then the generator "app" shows its expiry date
    When user "Sato" extends the generator "app"
    Then the bank extends the generator "app"
    When 40 days pass
    And user "Sato" does "login"
    Then the service accepts it
    When user "Sato" gives 5 wrong codes of the generator "app"
    And user "Sato" does "login"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for an unlocking
    And user "Sato" does "login"
    Then the service accepts it
    When it is the next "Sunday" at 3 hours 0 in Japan
    And user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" does "balance"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for a readmission
    And user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" asks at the branch for a compensation with "loss = 500000, days_ago = 1"
    Then the bank pays 500000 yen for the loss
    When the bank decides on a termination
    Then the bank has told the customer of a termination
    When user "Sato" does "balance"
    Then the service refuses it as ended
