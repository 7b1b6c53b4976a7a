Feature: Shinkin: one-time passwords for Personal Web (パーソナルWeb)
  The additional terms of the one-time password service, by their articles.
  What they do not say and keyfob chose is marked [ours].

  Background:
    Given the bank follows the rulebook "shinkin"
    And user "Sato" is a "customer" of the contract

  @row-1 @2
  Scenario: Only for who has a Personal Web contract (利用資格)
    Given this row uses the rules "acts.order.by"
    And user "Ito" has no contract with the bank
    When user "Ito" asks online for an order
    Then the service refuses it as not eligible
    When user "Sato" asks online for an order
    Then the service accepts it
    When the bank mails the generator
    And the post delivers the generator
    And user "Ito" enrols the generator
    Then the service refuses it as not eligible
    When user "Sato" enrols the generator
    Then the service accepts it

  @row-2 @3-1
  Scenario: Hardware or software, never both (併用はできない)
    Given this row uses the rules "devices.per_user, enrolment.asks"
    And the generator is from the bank
    And the generator "phone" is a new "soft-phone"
    And user "Sato" has activated the generator "phone" on the device "phone-1"
    When user "Sato" enrols the generator
    Then the service accepts it
    When user "Sato" enrols the generator "phone"
    Then the service refuses it as taken

  @row-3 @3-2(1)
  Scenario: Hardware is mailed, then enrolled by serial number, displayed code and confirmation password
    Given this row uses the rules "enrolment.asks, acts.order.by, mail.generators_to"
    When the bank mails the generator "B"
    Then the service refuses it as unknown
    When user "Sato" asks online for an order
    Then the open order of user "Sato" goes to "registered_address"
    When the bank mails the generator
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service refuses it as not active
    When the post delivers the generator
    And user "Sato" enrols the generator with a wrong "serial_number"
    Then the service refuses it as unknown
    When user "Sato" enrols the generator with a wrong "code"
    Then the service refuses it as wrong
    When user "Sato" enrols the generator with a wrong "confirmation_password"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator with a wrong "user_id"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator
    Then the service accepts it

  @row-3 @3-2(1)
  Scenario: It is ordered on paper too, but not by a call
    What way is prescribed is not published: online or a form [ours].
    Given this row uses the rules "acts.order.by"
    When user "Sato" asks by phone for an order
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an order
    And the bank mails the generator
    Then the service accepts it

  @row-4 @3-2(2) @7-1
  Scenario: Software: the app shows its serial number and the code; it is free
    Given this row uses the rules "enrolment.asks, fees.soft"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    Then the generator shows its serial number
    When user "Sato" enrols the generator with a wrong "serial_number"
    Then the service refuses it as unknown
    When user "Sato" enrols the generator with a wrong "code"
    Then the service refuses it as wrong
    When user "Sato" enrols the generator with a wrong "confirmation_password"
    Then the service refuses it as not matching
    When user "Sato" enrols the generator
    Then the service accepts it
    And 0 yen were charged so far

  @row-5 @4-1 @4-2
  Scenario: What a transaction asks for (所定の取引)
    Which transactions are prescribed is not published: a transfer and a change of limits [ours].
    Given this row uses the rules "operations.transfer.asks, operations.limit_change.asks, operations.balance.asks, operations.login.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "transfer"
    Then the service accepts it
    When user "Sato" does "transfer" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "transfer" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "transfer" with a wrong "user_id"
    Then the service refuses it as not matching
    When user "Sato" does "limit_change"
    Then the service accepts it
    When user "Sato" does "limit_change" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "limit_change" without "confirmation_password"
    Then the service refuses it as incomplete
    When user "Sato" does "limit_change" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "limit_change" with a wrong "user_id"
    Then the service refuses it as not matching
    When user "Sato" does "balance" without "code"
    Then the service accepts it
    When user "Sato" does "balance" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "balance" with a wrong "user_id"
    Then the service refuses it as not matching
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" does "login" without "login_password"
    Then the service refuses it as incomplete
    When user "Sato" does "login" without "user_id"
    Then the service refuses it as incomplete
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete

  @row-5 @4-1
  Scenario: Before the start of use (利用開始) no code is asked for
    Given this row uses the rules "otp.required, operations.transfer.asks"
    And the generator is from the bank
    When user "Sato" does "transfer" without "code"
    Then the service accepts it
    When user "Sato" does "transfer" without "login_password"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator
    And user "Sato" does "transfer" without "code"
    Then the service refuses it as incomplete

  @row-6 @5-1
  Scenario: A hardware token lives until its battery (電池切れ) shows no code any more
    Given this row uses the rules "expiry.valid_days, devices.step_seconds"
    And the generator is from the bank
    And user "Sato" uses the generator
    When 3 days pass
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When 40 seconds pass
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    When 31 seconds pass
    Then the display of the generator is dark
    When I press the button of the generator
    And user "Sato" gives the same code of the generator
    Then the service accepts it
    When the charge of the generator is 0 percent
    And 1 minute passes
    And I press the button of the generator
    Then the display of the generator is dark

  @row-7 @5-1
  Scenario: Low charge is shown when the button is pressed (電池残量を表示); an exchange is ordered
    The charge is shown at each press, before the code [ours].
    Given this row uses the rules "acts.order_exchange.by, devices.step_seconds"
    And the generator is from the bank
    And user "Sato" uses the generator
    And 1 minute passes
    When I press the button of the generator
    Then the generator shows a code of 6 digits
    When 2 minutes pass
    And the charge of the generator is 4 percent
    And I press the button of the generator
    Then the generator shows the text "bAtt04"
    When 2 seconds pass
    Then the generator shows a code of 6 digits
    When user "Sato" gives the same code of the generator
    Then the service accepts it
    When user "Ito" asks online for an order for exchange
    Then the service refuses it as not permitted
    When user "Sato" asks by phone for an order for exchange
    Then the service refuses it as not permitted
    When user "Sato" asks online for an order for exchange
    Then the service accepts it
    And the bank has 1 generators to send
    When user "Sato" asks by paper form for an order for exchange
    Then the service accepts it
    And the bank has 2 generators to send

  @row-8 @5-2
  Scenario: Exchange (交換): a code of the old one, then the new one is enrolled
    The old one is void from then on [ours]; the customer destroys it.
    Given this row uses the rules "acts.order_exchange.by, acts.exchange.by, acts.exchange.asks, devices.per_user, enrolment.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks online for an order for exchange
    And the bank mails the generator "new"
    Then the service accepts it
    When the post delivers the generator "new"
    And user "Sato" enrols the generator "new"
    Then the service refuses it as taken
    When user "Sato" exchanges the generator for the generator "new" without "code"
    Then the service refuses it as incomplete
    When user "Sato" exchanges the generator for the generator "new"
    Then the service accepts it
    When user "Sato" gives a code of the generator "new"
    Then the service accepts it
    When user "Sato" gives a code of the generator
    Then the service refuses it as wrong
    When user "Sato" enrols the generator
    Then the service refuses it as not active

  @row-9 @5-3 @5-4 @10
  Scenario: Software has no expiry; it is stopped, deleted and enrolled anew; one phone only
    Given this row uses the rules "expiry.soft_days, acts.release.by"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When 2 years pass
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" asks by phone for a release
    Then the service refuses it as not permitted
    When user "Sato" asks online for a release
    Then the service accepts it
    When user "Sato" stops the generator
    And user "Sato" deletes the app of the generator
    Then the display of the generator is dark
    And user "Sato" is asked to enrol
    Given the generator "new" is a new "soft-phone"
    When the bank issues a soft token to user "Sato" with the start password "246810"
    And user "Sato" has activated the generator "new" on the device "phone-2"
    And user "Sato" enrols the generator "new"
    Then the service accepts it
    When the app of the generator "new" is copied to the device "phone-3"
    And I press the button of the generator "new"
    Then the generator "new" shows the text "Not this device"

  @row-10 @6-1 @6-2 @6-3
  Scenario: Loss or theft (紛失・盗難) stops the service at once; a reissue is enrolled again
    Given this row uses the rules "acts.report_loss.by, acts.report_loss.stops, acts.reissue.by, operations.transfer.asks, enrolment.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "transfer"
    Then the service accepts it
    When user "Sato" asks by phone for a reissue
    Then the service refuses it as not permitted
    When user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" asks by paper form for a reissue
    And the bank mails the generator "new"
    Then the service accepts it
    When the post delivers the generator "new"
    And user "Sato" enrols the generator
    Then the service refuses it as not active
    When user "Sato" enrols the generator "new"
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service accepts it

  @row-10 @6-1 @6-4
  Scenario: A lost phone: the app is set up on another one, and enrolled again
    Given this row uses the rules "acts.report_loss.by, acts.report_loss.stops, acts.reissue.by, operations.transfer.asks, enrolment.asks, fees.soft"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for a reissue
    Then the service accepts it
    And the bank has 0 generators to send
    Given the generator "new" is a new "soft-phone"
    When the bank issues a soft token to user "Sato" with the start password "246810"
    And user "Sato" has activated the generator "new" on the device "phone-2"
    And user "Sato" enrols the generator
    Then the service refuses it as not active
    When user "Sato" enrols the generator "new"
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service accepts it
    And 0 yen were charged so far

  @row-11 @7-1 @7-2 @7-3
  Scenario: Hardware is charged (利用料) at issue and reissue, not refunded, changed without notice
    An exchange is not among what is charged [ours]. A soft token is free: see row 4.
    Given this row uses the rules "fees.first, fees.reissue, fees.exchange, fee_terms.refunded, fee_terms.notice_days, acts.change_fee.by, acts.order.by, acts.order_exchange.by, acts.report_loss.by, acts.reissue.by, acts.terminate.by, fee_terms.account, fee_terms.collected"
    When user "Sato" asks online for an order
    And the bank mails the generator
    And the post delivers the generator
    Then 1650 yen were charged so far
    And the ledger was charged to the "representative_account"
    And 0 yen of it are unpaid
    Given user "Sato" uses the generator
    When user "Sato" asks online for an order for exchange
    Then the service accepts it
    And 1650 yen were charged so far
    When the bank decides on a new fee with "fee = reissue, yen = 2000, days = 0"
    Then the service accepts it
    When user "Sato" asks by phone for a loss
    And user "Sato" asks by paper form for a reissue
    Then 3650 yen were charged so far
    When user "Sato" asks by phone for a new fee with "fee = reissue, yen = 0, days = 0"
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a termination
    Then the service accepts it
    And 3650 yen were charged so far

  @row-11 @7-1
  Scenario: A reissue costs what an issue costs
    Given this row uses the rules "fees.reissue, acts.report_loss.by, acts.reissue.by"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks by paper form for a reissue
    Then the service refuses it as unknown
    When user "Sato" asks by phone for a loss
    And user "Sato" asks by paper form for a reissue
    Then the service accepts it
    And 1650 yen were charged so far

  @row-12 @8-4
  Scenario: Consecutive mismatches (連続して) stop the service; a paper form (書面) resumes it
    Given this row uses the rules "limits.scope, limits.lock_after_failures, limits.consecutive, acts.unlock.by, operations.transfer.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" gives 4 wrong codes of the generator
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" gives 4 wrong codes of the generator
    And user "Sato" gives a code of the generator
    Then the service accepts it
    When user "Sato" gives 5 wrong codes of the generator
    Then the service refuses it as wrong
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" asks by phone for an unlocking
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for an unlocking
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service accepts it

  @row-13 @8-5
  Scenario: Returned mail (返戻): a wrong address makes the service unusable, uncollected mail is sent again
    Given this row uses the rules "mail.returned_stops, acts.resend.by, acts.change_address.by, acts.order.by, operations.transfer.asks, otp.required"
    When user "Sato" asks online for an order
    And the bank mails the generator
    And the post returns the generator: not collected
    And user "Sato" does "transfer" without "code"
    Then the service accepts it
    When user "Sato" asks online for sending again
    Then the service refuses it as not permitted
    When user "Sato" asks by phone for sending again
    Then the service accepts it
    And the bank has 1 generators to send
    When user "Sato" asks by phone for sending again
    Then the service refuses it as unknown
    When the bank mails the generator
    And the post returns the generator: wrong address
    And user "Sato" does "transfer" without "code"
    Then the service refuses it as stopped
    When user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" asks by phone for a new address
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a new address
    Then the service accepts it
    When user "Sato" asks by paper form for sending again
    And the bank mails the generator
    And the post delivers the generator
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service accepts it

  @row-14 @9-1 @9-5
  Scenario: Cancellation (解約) of this service by either side; orders accepted before it are carried out
    Given this row uses the rules "acts.terminate.by, acts.terminate.notified, acts.apply.by, contract.ends, contract.orders_survive, operations.transfer.order, operations.limit_change.order, otp.required"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" does "transfer"
    And user "Sato" does "limit_change"
    Then the service accepts it
    When user "Sato" asks online for a termination
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a termination
    Then the service accepts it
    And 2 accepted orders will be carried out
    And the bank has told the customer nothing
    When user "Sato" gives a code of the generator
    Then the service refuses it as not enrolled
    When user "Sato" does "transfer" without "code"
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service refuses it as ended
    When user "Sato" asks by phone for a new application
    Then the service refuses it as not permitted
    When user "Sato" asks by paper form for a new application
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service accepts it
    When the bank decides on a termination
    Then the service accepts it
    And the bank has told the customer of a termination
    When user "Sato" asks online for a new application
    Then the service accepts it

  @row-15 @9-4
  Scenario: A cause to stop Personal Web (パーソナルWebの利用停止) lets the bank stop this service
    The bank ends the stop that it made [ours].
    Given this row uses the rules "acts.stop_service.by, acts.stop_service.stops, acts.readmit.by, acts.unlock.by, limits.scope, operations.transfer.asks"
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Sato" asks by phone for a stop of the service
    Then the service refuses it as not permitted
    When the bank decides on a stop of the service
    Then the service accepts it
    When user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for an unlocking
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for a readmission
    Then the service refuses it as not permitted
    When the bank decides on a readmission
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service accepts it

  @row-16 @10
  Scenario: No lending, no transfer (譲渡・質入の禁止)
    Given this row uses the rules "enrolment.users_per_token, enrolment.asks"
    And user "Tanaka" is a "customer" of another contract
    And the generator is from the bank
    And user "Sato" uses the generator
    When user "Tanaka" enrols the generator
    Then the service refuses it as taken
    When user "Tanaka" gives a code of the generator
    Then the service refuses it as not enrolled
    When user "Sato" gives a code of the generator
    Then the service accepts it

  @row-17 @9-2
  Scenario: A fee not paid (利用料の未払い) ends the service without notice; hardware goes on by application and enrolment
    The terms do not say when a fee counts as not paid: after 30 days [ours].
    Given this row uses the rules "contract.unpaid_days, contract.grounds, contract.ends, acts.terminate_at_once.by, acts.apply.by, acts.order.by, expiry.valid_days"
    And the account that fees are drawn from is empty
    When user "Sato" asks online for an order
    And the bank mails the generator
    And the post delivers the generator
    And user "Sato" uses the generator
    And 29 days pass
    And the bank decides on a termination at once
    Then the service refuses it as not eligible
    When 1 day passes
    And user "Sato" asks by paper form for a termination at once
    Then the service refuses it as not permitted
    When the bank decides on a termination at once
    Then the service accepts it
    And the bank has told the customer nothing
    When user "Sato" does "balance"
    Then the service accepts it
    When user "Sato" asks by paper form for a new application
    Then the service refuses it as ended
    When the contract has paid its fees
    And user "Sato" enrols the generator
    Then the service refuses it as ended
    When user "Sato" asks by paper form for a new application
    And user "Sato" enrols the generator
    Then the service accepts it

  @row-17 @9-2
  Scenario: A breach of the agreement (取引約定への違反); a soft token goes on by enrolment alone
    Given this row uses the rules "contract.grounds, acts.terminate_at_once.by"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When the bank decides on a termination at once
    Then the service refuses it as not eligible
    When the bank learns of the customer: "breach"
    And the bank decides on a termination at once
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service refuses it as ended
    When it is no longer true of the customer: "breach"
    And user "Sato" enrols the generator
    Then the service accepts it

  @row-18 @9-3
  Scenario: Unpaid for a considerable time (相当期間): cancelled, and only a new application leads back
    How long is not published: 90 days [ours].
    Given this row uses the rules "contract.long_unpaid_days, acts.cancel_unpaid.by, acts.apply.by, fee_terms.collected, fee_terms.account, expiry.valid_days, contract.ends, acts.order.by"
    And the account that fees are drawn from is empty
    When user "Sato" asks online for an order
    Then the ledger was charged to the "representative_account"
    When the bank mails the generator
    And the post delivers the generator
    And user "Sato" uses the generator
    And 89 days pass
    And the bank decides on a cancellation for unpaid fees
    Then the service refuses it as not eligible
    When 1 day passes
    And user "Sato" asks by paper form for a cancellation for unpaid fees
    Then the service refuses it as not permitted
    When the bank decides on a cancellation for unpaid fees
    Then the service accepts it
    When the contract has paid its fees
    And user "Sato" enrols the generator
    Then the service refuses it as ended
    When user "Sato" asks online for a new application
    And user "Sato" enrols the generator
    Then the service accepts it

  @row-19 @8-3
  Scenario: Forgery, leak or misuse feared (おそれがある場合): stopped and reissued at once, also before the enrolment
    Given this row uses the rules "acts.report_loss.by, acts.report_loss.stops, acts.reissue.by, fees.reissue, operations.login.asks, enrolment.asks, fees.first, acts.order.by"
    When user "Sato" asks online for an order
    And the bank mails the generator
    And the post delivers the generator
    And user "Sato" asks by phone for a loss
    Then the service accepts it
    When user "Sato" enrols the generator
    Then the service refuses it as stopped
    When user "Sato" does "login" without "code"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for a reissue
    Then the service accepts it
    And 3300 yen were charged so far
    When user "Sato" asks by paper form for a reissue
    Then the bank has 1 generators to send
    When the bank mails the generator "new"
    And the post delivers the generator "new"
    And user "Sato" enrols the generator
    Then the service refuses it as not active
    When user "Sato" enrols the generator "new"
    Then the service accepts it
    When user "Sato" does "login"
    Then the service accepts it

  @row-20 @12-1 @12-2 @12-3
  Scenario: Changed terms (規定の変更) hold from a date at least one month after publication
    One month is counted as 31 days [ours].
    Given this row uses the rules "acts.change_terms.by, acts.change_terms.announced, terms.notice_days, fees.soft"
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

  @row-3 @row-7 @3-2(1) @5-1 @5-2 @6-1 @8-5 @9-1
  Scenario: A customer's years: order, post, enrolment, daily use, low battery, exchange, a loss, the end
    Given the generator "first" is from the bank
    And user "Sato" uses the generator "first"
    When user "Sato" gives a code of the generator "first" every 10 days for 90 days
    And user "Sato" does "limit_change"
    Then the service accepts it
    When 1 minute passes
    And the charge of the generator "first" is 7 percent
    And I press the button of the generator "first"
    Then the generator "first" shows the text "bAtt07"
    When 1 minute passes
    And the charge of the generator "first" is 4 percent
    And I press the button of the generator "first"
    Then the generator "first" shows the text "bAtt04"
    When user "Sato" asks online for an order for exchange
    Then 0 yen were charged so far
    And the open order of user "Sato" goes to "registered_address"
    When the bank mails the generator "second"
    And the post returns the generator "second": not collected
    And user "Sato" gives a code of the generator "first"
    Then the service accepts it
    When user "Sato" asks by phone for sending again
    And the bank mails the generator "second"
    And the post delivers the generator "second"
    And user "Sato" exchanges the generator "first" for the generator "second"
    Then the service accepts it
    When user "Sato" gives a code of the generator "first"
    Then the service refuses it as wrong
    When user "Sato" gives 5 wrong codes of the generator "second"
    And user "Sato" asks by phone for a loss
    And user "Sato" asks by paper form for an unlocking
    And user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks by paper form for a reissue
    Then 1650 yen were charged so far
    When the bank mails the generator "third"
    And the post delivers the generator "third"
    And user "Sato" enrols the generator "third"
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service accepts it
    When the bank decides on a termination
    Then the bank has told the customer of a termination
    And 2 accepted orders will be carried out
    When user "Sato" does "transfer" without "code"
    Then the service accepts it

  @row-9 @5-4
  Scenario: The app set to stopped (利用停止設定) tells the bank: its serial number is out of use, another phone is enrolled
    Given this row uses the rules "acts.release.by, fees.soft"
    And user "Sato" uses the generator "old" as a soft token on the device "phone-1"
    When user "Sato" stops the generator "old"
    And 1 minute passes
    And I press the button of the generator "old"
    Then the generator "old" shows the text "Stopped"
    And user "Sato" is asked to enrol
    When user "Sato" deletes the app of the generator "old"
    Then the display of the generator "old" is dark
    Given user "Sato" uses the generator "new" as a soft token on the device "phone-2"
    When user "Sato" gives a code of the generator "new"
    Then the service accepts it
    And 0 yen were charged so far
