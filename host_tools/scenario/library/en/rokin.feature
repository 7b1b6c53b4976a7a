@rokin
Feature: Rokin: the hardware password generator
  The rules of the Rokin group's Internet banking, by the questions of its Q&A (Q1 to Q9).
  What the document does not say and keyfob chose is marked [ours].

  Background:
    Given the generator is a new "fob-t60"
    And the generator is loaded with a fresh seed
    And a step of 60 seconds has just begun

  @row-1 @Q1
  Scenario: A new code every 60 seconds (60秒ごとに変更)
    When I press the button of the generator
    Then the generator shows a code of 6 digits
    And the host accepts the code of the generator
    When 50 seconds pass
    And I press the button of the generator
    Then the generator shows the same code as before
    When 10 seconds pass
    And I press the button of the generator
    Then the generator shows a code of 6 digits
    And the host accepts the code of the generator
    And the moving factor of the generator is 1 more than the time before

  @row-1 @Q1
  Scenario: A code is used once (使い捨てパスワード)
    When I press the button of the generator
    Then the generator shows a code of 6 digits
    And the host accepts the code of the generator
    And the host refuses the code of the generator as replayed
    When 1 minute passes
    Then the host refuses the code of the generator as replayed
