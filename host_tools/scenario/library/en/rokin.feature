Feature: Rokin: the hardware password generator (パスワード生成機)
  The rules of the Rokin group's Internet banking for organisations, by the questions of its Q&A.
  What the document does not say and keyfob chose is marked [ours].

  Background:
    Given the host follows the rules of "rokin"
    And the generator is a new "fob-t60"
    And the generator is loaded with a fresh seed
    And a step of 60 seconds has just begun
    When I press the button of the generator
    Then the generator shows a code of 6 digits

  @row-1 @Q1
  Scenario: A new code every 60 seconds (60秒ごとに変更)
    When user "Sato" enrols the generator with its serial number and the code it shows
    Then the host accepts it
    When 50 seconds pass
    And I press the button of the generator
    Then the generator shows the same code as before
    When 10 seconds pass
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    When user "Sato" enters the code of the generator
    Then the host accepts it
    And the moving factor is 1 more than that of the code accepted before

  @row-1 @Q1
  Scenario: A code is used once (使い捨てパスワード)
    Given user "Sato" enrols the generator with its serial number and the code it shows
    And 1 minute passes
    When I press the button of the generator
    Then the generator shows a code of 6 digits
    When user "Sato" enters the code of the generator
    Then the host accepts it
    When user "Sato" enters the code of the generator
    Then the host refuses it as replayed
    When 1 minute passes
    And user "Sato" enters the code of the generator
    Then the host refuses it as replayed

  @row-8 @Q8 @Q9
  Scenario: Enrolment by serial number, also by several users (シリアル番号の登録による共有)
    The enrolment screen asks for the generator's details: its serial number, and one code [ours].
    Who shares a generator enrols the same number; within one step only one of them can use a code.

    When user "Sato" enrols the serial number "ZZT699999999" with the code of the generator
    Then the host refuses it as unknown
    When user "Sato" enrols the generator with its serial number and a wrong code
    Then the host refuses it as wrong
    When user "Sato" enrols the generator with its serial number and the code it shows
    Then the host accepts it
    When 1 minute passes
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    When user "Suzuki" enters the code of the generator
    Then the host refuses it as not enrolled
    When user "Suzuki" enrols the generator with its serial number and the code it shows
    Then the host accepts it
    When 1 minute passes
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    When user "Suzuki" enters the code of the generator
    Then the host accepts it
    When user "Sato" enters the code of the generator
    Then the host refuses it as replayed
