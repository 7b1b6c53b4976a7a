# A soft token on a phone: issued, activated by its user, extended, handed on by itself, given up.
Feature: Soft token

  Scenario: The user activates it, and the bank accepts its codes
    Given the fob "P" is a new "soft-phone"
    And the bank issues a soft token good for 90 days to user "Sato" with the start password "471100"
    When user "Sato" installs the app of the fob "P" on the device "phone-1"
    Then the fob "P" shows the text "Not activated"
    When user "Sato" types service ID, user ID and the start password "471101" into the fob "P"
    Then the bank refuses the app as "wrong password"
    And the fob "P" shows the text "Refused by the bank"
    When user "Sato" types service ID, user ID and the start password "471100" into the fob "P"
    Then the bank activates the fob "P"
    And the fob "P" shows its serial number
    And the fob "P" shows its expiry date
    When I press the button of the fob "P"
    Then the fob "P" shows a code of 6 digits
    When user "Sato" enrols the fob "P" with its serial number and the code it shows
    Then the host accepts it

  Scenario: Near its last day it says so, and the user extends it
    Given the fob "P" is a new "soft-phone"
    And the bank issues a soft token good for 90 days to user "Sato" with the start password "471100"
    And user "Sato" types service ID, user ID and the start password "471100" into the fob "P"
    When user "Sato" extends the fob "P"
    Then the bank refuses the app as "not near its expiry date"
    When 70 days pass
    And I press the button of the fob "P"
    Then the fob "P" shows the text "Expires in 20 days"
    When 30 days pass
    And I press the button of the fob "P"
    Then the fob "P" shows the text "Expired"
    When user "Sato" extends the fob "P"
    Then the bank extends the fob "P"
    And the fob "P" shows its expiry date
    When I press the button of the fob "P"
    Then the fob "P" shows a code of 6 digits

  Scenario: Direct login hands the code over by itself
    Given the fob "P" is a new "soft-phone"
    And user "Sato" has activated the fob "P" on the device "phone-1"
    When I press the button of the fob "P"
    Then the fob "P" shows a code of 6 digits
    When user "Sato" enrols the fob "P" with its serial number and the code it shows
    Then the host accepts it
    When 60 seconds pass
    And user "Sato" taps Direct login in the fob "P"
    Then the fob "P" hands its code over by itself
    When user "Sato" enters the code of the fob "P"
    Then the host accepts it
    When user "Sato" enters the code of the fob "P"
    Then the host refuses it as replayed

  Scenario: A wrong device clock is noticed
    Given the fob "P" is a new "soft-pc"
    And the bank issues a soft token to user "Sato" with the start password "471100"
    And the device clock of the fob "P" is 10 minutes fast
    When user "Sato" types service ID, user ID and the start password "471100" into the fob "P"
    Then the app of the fob "P" finds the device clock wrong
    When the device clock of the fob "P" is 10 minutes slow
    And user "Sato" types service ID, user ID and the start password "471100" into the fob "P"
    Then the bank activates the fob "P"

  Scenario: It works once, and on its device only
    Given the fob "P" is a new "soft-pc"
    And the fob "Q" is a new "soft-pc"
    And the bank issues a soft token to user "Sato" with the start password "471100"
    When user "Sato" types service ID, user ID and the start password "471100" into the fob "P"
    Then the bank activates the fob "P"
    When user "Sato" types service ID, user ID and the start password "471100" into the fob "Q"
    Then the bank refuses the app as "used already"
    When the app of the fob "P" is copied to the device "another PC"
    And I press the button of the fob "P"
    Then the fob "P" shows the text "Not this device"

  Scenario: Who gives up the phone stops the token and deletes the app
    Given the fob "P" is a new "soft-phone"
    And user "Sato" has activated the fob "P" on the device "phone-1"
    When user "Sato" stops the fob "P"
    And I press the button of the fob "P"
    Then the fob "P" shows the text "Stopped"
    When user "Sato" deletes the app of the fob "P"
    Then the display of the fob "P" is dark
    And the bank hears nothing from the fob "P"
    Given the bank issues a soft token to user "Sato" with the start password "8642"
    When user "Sato" installs the app of the fob "P" on the device "phone-2"
    And user "Sato" types service ID, user ID and the start password "8642" into the fob "P"
    Then the bank activates the fob "P"
