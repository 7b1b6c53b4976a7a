Feature: A fob's first day
  From a seed file to a verified code, only through the fob's port and its bench.

  Scenario: Loaded, pressed, verified, and killed in between
    A virtual fob runs in a process of its own, on a serial port. Its seed is the published test seed
    of RFC 4226, and the passphrase of its seed file stands below: TEST KEYS, never use them for real.

    Given the fob is a new "fob-h6"
    When the fob is loaded from the seed file "demo.pskcxml" with the passphrase "keyfob demo"
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    When user "Alice" enrols the fob with its serial number and the code it shows
    Then the host accepts it
    And the moving factor is 0
    When user "Alice" enters the code of the fob
    Then the host refuses it as replayed
    When 1 minute passes
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    When the emulator of the fob is killed and started again
    And I press the button of the fob
    Then the fob shows a code of 6 digits
    When user "Alice" enters the code of the fob
    Then the host accepts it
    And the moving factor is 2
