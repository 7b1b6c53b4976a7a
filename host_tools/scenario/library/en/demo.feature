@demo
Feature: A fob's first day
  From a seed file to a verified code, only through the fob's port and its bench.

  Scenario: Loaded, pressed, verified, and killed in between
    A virtual fob runs in a process of its own, on a serial port. Its seed is the published test seed
    of RFC 4226, and the passphrase of its seed file stands below: TEST KEYS, never use them for real.

    Given the fob is a new "fob-h6"
    When the fob is loaded from the seed file "demo.pskcxml" with the passphrase "keyfob demo"
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    And the host accepts the code of the fob
    And the moving factor of the fob is 0
    And the host refuses the code of the fob as replayed
    When 1 minute passes
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    When the emulator of the fob is killed and started again
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    And the host accepts the code of the fob
    And the moving factor of the fob is 2
