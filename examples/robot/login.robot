*** Settings ***
Library           keyfob_bench.py
Suite Setup       Start A Fob    model=fob-h6
Suite Teardown    Stop The Fob

*** Test Cases ***
A Press Shows The First Code
    Press The Button
    The Display Should Show    755224

The Code Goes Dark After Its Time
    Time Passes    15
    The Display Should Be Dark

The Next Press Shows The Next Code
    Press The Button
    The Display Should Show    287082
