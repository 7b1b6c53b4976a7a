Feature: JA Net Bank: one-time passwords from a PC and from a phone
  The two guides, by their steps. What they do not say and keyfob chose is marked [ours].

  @row-1 @PC1
  Scenario: From a PC: token order (トークン発行) with a start password of 4 to 8 digits and an extra question
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "acts.issue_token.by, acts.issue_token.asks, mail.holds, secrets.start_password.digits_min, secrets.start_password.digits_max, secrets.extra_answer.letters_max, operations.transfer.asks"
    And the generator is a new "soft-phone"
    When user "Ito" orders a soft token with the start password "1234"
    Then the service refuses it as not permitted
    When user "Sato" orders a soft token with the start password "123"
    Then the service refuses it as unfit
    When user "Sato" orders a soft token with the start password "123456789"
    Then the service refuses it as unfit
    When user "Sato" orders a soft token with "extra_answer = ああああああああああああああああ"
    Then the service refuses it as not matching
    When user "Sato" orders a soft token with "extra_answer = あああああああああああああああああ"
    Then the service refuses it as unfit
    When user "Sato" orders a soft token with "extra_answer = soccer"
    Then the service refuses it as unfit
    When user "Sato" orders a soft token without "email"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token without "start_password"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token without "confirmation_password"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token with "confirmation_password = 9999"
    Then the service refuses it as not matching
    When user "Sato" orders a soft token without "extra_answer"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token with the start password "1234"
    Then the service accepts it
    When user "Sato" orders a soft token with the start password "12345678"
    Then the service accepts it
    When user "Sato" installs the app of the generator on the device "phone-1"
    And user "Sato" types service ID, user ID and the start password "12345678" into the generator
    Then the bank activates the generator
    When user "Sato" does "transfer" without "confirmation_password"
    Then the service refuses it as incomplete
    When user "Sato" does "transfer"
    Then the service accepts it

  @row-2 @phone1
  Scenario: From a phone: address and start password twice and equal, no confirmation password
    Given the bank follows the edition "phone" of "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "editions.phone.acts.issue_token.asks, acts.issue_token.by, mail.holds, otp.required, operations.transfer.asks"
    And the generator is a new "soft-phone"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    And user "Sato" is asked to enrol
    When user "Ito" orders a soft token with the start password "246810"
    Then the service refuses it as not permitted
    When user "Sato" orders a soft token with "email_again = other@example.jp"
    Then the service refuses it as not matching
    When user "Sato" orders a soft token with "start_password_again = 13579"
    Then the service refuses it as not matching
    When user "Sato" orders a soft token without "email"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token without "start_password"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token without "extra_answer"
    Then the service refuses it as incomplete
    When user "Sato" orders a soft token without "confirmation_password"
    Then the service accepts it
    When user "Sato" orders a soft token with the start password "246810"
    Then the service accepts it
    When user "Sato" installs the app of the generator on the device "phone-1"
    And user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the bank activates the generator
    When user "Sato" does "transfer" without "confirmation_password"
    Then the service refuses it as incomplete
    When user "Sato" does "transfer"
    Then the service accepts it

  @row-3 @2
  Scenario: The e-mail carries service ID, user ID and the download address
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "mail.holds, acts.issue_token.by"
    And the generator is a new "soft-phone"
    When user "Sato" orders a soft token with the start password "246810"
    Then the service accepts it
    And the e-mail to user "Sato" holds "service_id, user_id, download_address"
    When user "Sato" installs the app of the generator on the device "phone-1"
    And user "Sato" types the user ID "0000000000" and the start password "246810" into the generator
    Then the bank refuses the app as "unknown"
    When user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the bank activates the generator

  @row-4 @2
  Scenario: App set-up (初期設定): the start password is for the issue only; the clock must be right
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "acts.issue_token.by, mail.holds"
    And the generator is a new "soft-phone"
    When user "Sato" orders a soft token with the start password "246810"
    Then the service accepts it
    When user "Sato" installs the app of the generator on the device "phone-1"
    And the device clock of the generator is 10 minutes fast
    And user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the app of the generator finds the device clock wrong
    When the device clock of the generator is 10 minutes slow
    And user "Sato" types service ID, user ID and the start password "13579" into the generator
    Then the bank refuses the app as "wrong password"
    When user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the bank activates the generator
    Given the generator "B" is a new "soft-phone"
    When user "Sato" installs the app of the generator "B" on the device "phone-2"
    And user "Sato" types service ID, user ID and the start password "246810" into the generator "B"
    Then the bank refuses the app as "used already"

  @row-4 @2
  Scenario: The start password (利用開始パスワード) ends: after a time, and by wrong ones
    It is for the issue only; that it is good for 30 days and for five wrong entries is [ours].
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "acts.issue_token.by, mail.holds, activation.password_days, activation.tries"
    And the generator is a new "soft-phone"
    When user "Sato" orders a soft token with the start password "246810"
    And user "Sato" installs the app of the generator on the device "phone-1"
    And 30 days pass
    And user "Sato" types service ID, user ID and the start password "13579" into the generator
    Then the bank refuses the app as "wrong password"
    When 1 day passes
    And user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the bank refuses the app as "too late"
    When user "Sato" orders a soft token with the start password "246810"
    And user "Sato" types service ID, user ID and the start password "1111" into the generator
    And user "Sato" types service ID, user ID and the start password "2222" into the generator
    And user "Sato" types service ID, user ID and the start password "3333" into the generator
    And user "Sato" types service ID, user ID and the start password "4444" into the generator
    And user "Sato" types service ID, user ID and the start password "5555" into the generator
    Then the bank refuses the app as "wrong password"
    When user "Sato" types service ID, user ID and the start password "246810" into the generator
    Then the bank refuses the app as "locked"

  @row-5 @PC3
  Scenario: From a PC: the displayed code entered once starts use; from then on every login needs it
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "enrolment.asks, otp.required, operations.login.asks"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When user "Sato" enrols the generator with a wrong "code"
    Then the service refuses it as wrong
    When user "Sato" enrols the generator without "code"
    Then the service refuses it as incomplete
    When user "Sato" enrols the generator
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "login" with a wrong "login_id"
    Then the service refuses it as not matching
    When user "Sato" does "login" with a wrong "login_password"
    Then the service refuses it as not matching
    When user "Sato" does "login"
    Then the service accepts it

  @row-6 @phone3
  Scenario: From a phone: the first Direct login (Directログイン) starts use and fills the code in
    Given the bank follows the edition "phone" of "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "editions.phone.enrolment.first_code, enrolment.asks, operations.login.asks"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    When user "Sato" enrols the generator
    Then the service refuses it as not permitted
    When 1 minute passes
    And user "Sato" taps Direct login in the generator
    Then the generator hands its code over by itself
    When user "Sato" starts with the code that the generator handed over
    Then the service accepts it
    When 1 minute passes
    And user "Sato" taps Direct login in the generator
    And user "Sato" does "login" with the code that the generator handed over
    Then the service accepts it
    When user "Sato" does "login" with the code that the generator handed over
    Then the service refuses it as replayed
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "login"
    Then the service accepts it

  @row-7 @intro
  Scenario: The code changes by time (一定時間を過ぎると更新)
    A new code comes every 30 seconds [ours].
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "devices.step_seconds"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    And a step of 1 minute has just begun
    When user "Sato" gives a code of the generator
    Then the service accepts it
    When 35 seconds pass
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    When user "Sato" gives the same code of the generator
    Then the service accepts it
    When user "Sato" gives the same code of the generator
    Then the service refuses it as replayed

  @row-8 @end
  Scenario: Emergency stop (緊急時の利用停止) at any hour; ordinary help within its hours, not on 1 January
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "help.weekday_first_hour, help.weekday_last_hour, help.weekend_first_hour, help.weekend_last_hour, help.closed, acts.emergency_stop.by, acts.emergency_stop.stops, acts.emergency_stop.hours, acts.help.by, acts.help.hours"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    And user "Suzuki" is a "customer" of the contract
    When it is the next "weekday" at 8 hours 59 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early
    When it is the next "weekday" at 9 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service accepts it
    When it is the next "weekday" at 20 hours 59 in Japan
    And user "Sato" asks by phone for help
    Then the service accepts it
    When it is the next "weekday" at 21 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early
    When it is the next "Saturday" at 8 hours 59 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early
    When it is the next "Saturday" at 9 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service accepts it
    When it is the next "Saturday" at 16 hours 59 in Japan
    And user "Sato" asks by phone for help
    Then the service accepts it
    When it is the next "Saturday" at 17 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early
    When it is the next "1 January" at 12 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early
    When user "Sato" asks online for help
    Then the service refuses it as not permitted
    When user "Sato" asks online for an emergency stop
    Then the service refuses it as not permitted
    When user "Sato" does "login"
    Then the service accepts it
    When user "Sato" asks by phone for an emergency stop
    Then the service accepts it
    When user "Suzuki" does "login"
    Then the service refuses it as stopped

  @row-8 @end
  Scenario: An emergency stop for who has no token yet
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "acts.emergency_stop.by, acts.emergency_stop.stops, otp.required"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When user "Sato" asks by phone for an emergency stop
    And user "Sato" asks by phone for an emergency stop
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service refuses it as stopped

  @row-8 @end
  Scenario Outline: Help on the holiday <day> ends at 17:00 (土日祝)
    Of the public holidays those that have a fixed day [ours].
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "help.holidays, help.weekend_last_hour, acts.help.by, acts.help.hours"
    When it is the next "<day>" at 16 hours 59 in Japan
    And user "Sato" asks by phone for help
    Then the service accepts it
    When it is the next "<day>" at 18 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early

    Examples:
      | day |
      | 02-11 |
      | 02-23 |
      | 04-29 |
      | 05-03 |
      | 05-04 |
      | 05-05 |
      | 08-11 |
      | 11-03 |
      | 11-23 |

  @row-9 @2
  Scenario: The e-mail (JAネットバンクからのお知らせ): sender, subject, items, text; then the app's lock (アプリロック)
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "mail.sender, mail.subject, mail.text, mail.holds, secrets.start_password.digits_min, acts.issue_token.by, acts.issue_token.asks"
    And the generator is a new "soft-phone"
    When user "Sato" orders a soft token with "email = phone@example.jp, start_password = 4711"
    Then the service accepts it
    And user "Sato" was sent 1 e-mails
    And the last e-mail to user "Sato" went to "phone@example.jp"
    And the e-mail to user "Sato" holds "service_id, user_id, download_address"
    And the text of the e-mail to user "Sato" contains "janetbank@otp-auth.net"
    And the text of the e-mail to user "Sato" contains "JAネットバンクからのお知らせ"
    And the text of the e-mail to user "Sato" contains "サービスID: 301245"
    And the text of the e-mail to user "Sato" contains "https://"
    And the e-mail to user "Sato" does not hold "4711"
    When user "Sato" installs the app of the generator on the device "phone-1"
    And user "Sato" types service ID, user ID and the start password "4711" into the generator
    Then the generator shows the text "Activated; set app lock"

  @row-10 @end
  Scenario: Back from the emergency stop by the branch [ours]; another customer's stop stays
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And user "Suzuki" is a "customer" of another contract
    And this row uses the rules "acts.readmit.by, acts.emergency_stop.by, acts.emergency_stop.stops, otp.required"
    When user "Sato" asks by phone for an emergency stop
    And user "Suzuki" asks by phone for an emergency stop
    And user "Sato" asks by phone for a readmission
    Then the service refuses it as not permitted
    When user "Sato" asks at the branch for a readmission
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service accepts it
    When user "Suzuki" does "login" without "code"
    Then the service refuses it as stopped

  @row-2 @phone-1
  Scenario: A login from the phone leads to the application by itself (自動的に遷移); it can be left
    Given the bank follows the edition "phone" of "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "editions.phone.pages.not_enrolled, editions.phone.pages.buttons, operations.login.asks"
    When user "Sato" does "login" without "code"
    Then the service accepts it
    And user "Sato" sees the screen "ワンタイムパスワード利用申請"
    When user "Sato" taps "戻る"
    And user "Sato" taps "中止する"
    Then user "Sato" was sent 0 e-mails
    When user "Sato" taps "確定する"
    Then user "Sato" was sent 0 e-mails

  @row-6 @phone-3
  Scenario: By the ordinary page the code is asked for (認証画面); Direct login needs ID and password too
    Given the bank follows the rulebook "ja"
    And user "Sato" is a "customer" of the contract
    And this row uses the rules "operations.direct_login.asks, operations.transfer.asks, pages.code, operations.login.asks"
    And the generator is a new "soft-phone"
    And user "Sato" has activated the generator on the device "phone-1"
    And user "Sato" uses the generator
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    And user "Sato" sees the screen "ワンタイムパスワードの認証画面"
    When user "Sato" does "direct_login" without "login_id"
    Then the service refuses it as incomplete
    When user "Sato" does "direct_login" without "login_password"
    Then the service refuses it as incomplete
    When user "Sato" does "direct_login" without "code"
    Then the service refuses it as incomplete
    When user "Sato" does "transfer" without "confirmation_password"
    Then the service refuses it as incomplete

  @row-6 @row-8 @phone-1 @phone-3 @end
  Scenario: A customer's weeks on the phone: application, e-mail, app, Direct login, a fraud call at night, back
    Given the bank follows the edition "phone" of "ja"
    And user "Sato" is a "customer" of the contract
    And the generator is a new "soft-phone"
    When user "Sato" does "login" without "code"
    Then user "Sato" sees the screen "ワンタイムパスワード利用申請"
    When user "Sato" orders a soft token with "email = phone@example.jp, start_password = 4711"
    Then the service accepts it
    And the text of the e-mail to user "Sato" contains "janetbank@otp-auth.net"
    And the last e-mail to user "Sato" went to "phone@example.jp"
    When user "Sato" installs the app of the generator on the device "phone-1"
    And user "Sato" types service ID, user ID and the start password "4712" into the generator
    Then the bank refuses the app as "wrong password"
    When user "Sato" types service ID, user ID and the start password "4711" into the generator
    Then the bank activates the generator
    And the generator shows the text "Activated; set app lock"
    When user "Sato" taps Direct login in the generator
    Then the generator hands its code over by itself
    When user "Sato" starts with the code that the generator handed over
    Then the service accepts it
    When user "Sato" does "login" without "code"
    Then the service refuses it as incomplete
    When 7 days pass
    And user "Sato" taps Direct login in the generator
    And user "Sato" does "login" with the code that the generator handed over
    Then the service accepts it
    When it is the next "1 January" at 2 hours 0 in Japan
    And user "Sato" asks by phone for help
    Then the service refuses it as too early
    When user "Sato" asks by phone for an emergency stop
    Then the service accepts it
    When user "Sato" does "transfer"
    Then the service refuses it as stopped
    When user "Sato" asks at the branch for a readmission
    And user "Sato" does "login"
    Then the service accepts it
