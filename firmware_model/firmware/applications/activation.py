"""A soft token's own application: its user's wishes out, the bank's answers in (WIRE §9).

Models without an app do not have it.
"""

from firmware_model.firmware.applications.context import (
    OPERABLE,
    Application,
    CommandContext,
    answer_list,
    answer_object,
)
from firmware_model.firmware.applications.token_application import TOKEN_APPLICATION
from firmware_model.firmware.question import Answer
from firmware_model.firmware.soft import SoftApp
from firmware_model.wire.activation import (
    ACTIVATION_AID,
    ActivationReceipt,
    ActivationTag,
    AppStatus,
    Challenge,
    Confirmation,
    GeneralAuthenticate,
    HandedCode,
    Proof,
    enveloped,
)
from firmware_model.wire.apdu import Response, StatusWord
from firmware_model.wire.messages import GetData, GetDataList, SetStatus, StoreData


def _get_data(context: CommandContext, message: GetData) -> Answer:
    app = _app(context)
    match message.tag:
        case ActivationTag.STATUS:
            status = AppStatus(app.standing, app.device_id)
            return answer_object(message.tag, status.encode(), whole=message.whole)
        case ActivationTag.REQUEST:
            pending = app.open_request()
            if pending is None:
                return StatusWord.REFERENCED_DATA_NOT_FOUND
            return answer_object(message.tag, pending.request.encode(), whole=message.whole)
        case ActivationTag.CODE:
            # Nobody but the bank may have what "Direct login" hands over.
            if context.dek is None:
                return StatusWord.SECURITY_STATUS_NOT_SATISFIED
            if context.token.life_cycle not in OPERABLE:
                return StatusWord.CONDITIONS_NOT_SATISFIED
            code = app.hand_over_code()
            if code is None:
                return StatusWord.REFERENCED_DATA_NOT_FOUND
            return answer_object(message.tag, HandedCode(code).encode(), whole=message.whole)
    return TOKEN_APPLICATION.handlers[GetData](context, message)


def _general_authenticate(context: CommandContext, message: GeneralAuthenticate) -> Answer:
    app = _app(context)
    match message.turn:
        case Challenge():
            proof = app.prove_password(message.turn)
            if proof is None:
                return StatusWord.CONDITIONS_NOT_SATISFIED
            return Response(enveloped(Proof(proof)))
        case Confirmation(proof, sealed):
            receipt = app.activate(proof, sealed)
            if isinstance(receipt, StatusWord):
                return receipt
            return Response(enveloped(ActivationReceipt(receipt)))
        case _:
            app.refuse_request()
            return StatusWord.OK


def _app(context: CommandContext) -> SoftApp:
    assert context.app is not None, "only a model with an app has this application"
    return context.app


ACTIVATION_APPLICATION = Application(
    ACTIVATION_AID,
    {
        GetData: _get_data,
        GetDataList: answer_list(_get_data),
        GeneralAuthenticate: _general_authenticate,
        StoreData: TOKEN_APPLICATION.handlers[StoreData],
        SetStatus: TOKEN_APPLICATION.handlers[SetStatus],
    },
)
"""What the token application tells and takes, this one does too: one channel does for both."""
