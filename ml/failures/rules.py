"""Rules by codes that drivers and servers define: they say what they mean, so nothing is guessed here."""

from __future__ import annotations

import re

from schema.domain.failures import FailureKind as Kind

_CAUSES = {
    "UNREACHABLE": Kind.TRANSIENT,
    "TIMEOUT": Kind.TRANSIENT,
    "CREDENTIALS": Kind.CREDENTIALS,
    "PERMISSION": Kind.PERMISSION,
    "BLOCKED_ADDRESS": Kind.PERMISSION,
    "NOT_FOUND": Kind.SCHEMA_DRIFT,
    "BAD_URL": Kind.BAD_DATA,
    "MISSING_DRIVER": Kind.BUG,
}
# SQLSTATE by ISO/IEC 9075-2 and the appendix of the PostgreSQL manual; the longest prefix counts.
_SQLSTATES = {
    "08": Kind.TRANSIENT, "40": Kind.TRANSIENT, "53": Kind.THROTTLED, "55P03": Kind.TRANSIENT, "55006": Kind.TRANSIENT,
    "57": Kind.TRANSIENT, "58": Kind.TRANSIENT, "28": Kind.CREDENTIALS, "42501": Kind.PERMISSION, "25006": Kind.PERMISSION,
    "3D": Kind.SCHEMA_DRIFT, "3F": Kind.SCHEMA_DRIFT, "42P01": Kind.SCHEMA_DRIFT, "42703": Kind.SCHEMA_DRIFT,
    "42883": Kind.SCHEMA_DRIFT, "42704": Kind.SCHEMA_DRIFT, "42804": Kind.SCHEMA_DRIFT, "42S02": Kind.SCHEMA_DRIFT,
    "42S22": Kind.SCHEMA_DRIFT, "22": Kind.BAD_DATA, "23": Kind.BAD_DATA, "XX001": Kind.BAD_DATA, "XX002": Kind.BAD_DATA,
    "42": Kind.BUG, "26": Kind.BUG, "34": Kind.BUG, "25": Kind.BUG,
}  # fmt: skip
_MYSQL = {
    **dict.fromkeys((1053, 1158, 1159, 1160, 1161, 1180, 1205, 1213, 1317, 1969, 2002, 2003, 2006, 2013, 2055, 3024), Kind.TRANSIENT),
    **dict.fromkeys((1037, 1038, 1040, 1041, 1129, 1203, 1226), Kind.THROTTLED),
    **dict.fromkeys((1045, 1698, 1820, 1862, 2059, 2061, 3118), Kind.CREDENTIALS),
    **dict.fromkeys((1044, 1130, 1142, 1143, 1227, 1290, 1370, 1836), Kind.PERMISSION),
    **dict.fromkeys((1049, 1054, 1109, 1146, 1305, 1356, 1412), Kind.SCHEMA_DRIFT),
    **dict.fromkeys((126, 1062, 1194, 1264, 1292, 1300, 1366, 1406), Kind.BAD_DATA),
    **dict.fromkeys((1052, 1055, 1064), Kind.BUG),
}  # fmt: skip
_STATUSES = {
    **dict.fromkeys((408, 425, 500, 502, 503, 504), Kind.TRANSIENT),
    429: Kind.THROTTLED, 401: Kind.CREDENTIALS, 407: Kind.CREDENTIALS, 403: Kind.PERMISSION, 404: Kind.SCHEMA_DRIFT,
    410: Kind.SCHEMA_DRIFT, 405: Kind.BUG, 415: Kind.BUG, 422: Kind.BUG,
}  # fmt: skip
# Types and service codes whose names are a definition of what happened, in lower case.
_NAMES = {
    Kind.TRANSIENT: "adminshutdown cannotconnectnow connectiontimeout deadlockdetected locknotavailable querycanceled "
    "serializationfailure endpointconnectionerror connecttimeouterror readtimeouterror connectionclosederror "
    "incompletereaderror requesttimeout internalerror_s3 serviceunavailable serverbusy operationtimedout "
    "servicerequesterror serviceresponseerror serviceresponsetimeouterror gatewaytimeout badgateway connecttimeout readtimeout "
    "nobrokersavailable kafkatimeouterror kafkaconnectionerror timeouterror connectionreseterror connectionrefusederror "
    "brokenpipeerror connectionabortederror graphunavailable commitunknown leaselost querytimeout",
    Kind.THROTTLED: "slowdown throttling throttlingexception toomanyrequests toomanyrequestsexception requestlimitexceeded "
    "provisionedthroughputexceededexception toomanyconnections resourceexhausted throttlingquotaexceedederror",
    Kind.CREDENTIALS: "nocredentialserror partialcredentialserror invalidaccesskeyid signaturedoesnotmatch expiredtoken "
    "unrecognizedclientexception clientauthenticationerror credentialunavailableerror defaultcredentialserror refresherror "
    "unauthenticated authenticationfailed invalidpassword invalidauthorizationspecification saslauthenticationfailed",
    Kind.PERMISSION: "insufficientprivilege accessdenied accessdeniedexception permissiondenied permissionexception "
    "permissionerror authorizationfailure authorizationpermissionmismatch topicauthorizationfailederror "
    "groupauthorizationfailederror clusterauthorizationfailederror readonlysqltransaction",
    Kind.SCHEMA_DRIFT: "undefinedtable undefinedcolumn undefinedfunction undefinedobject invalidschemaname invalidcatalogname "
    "datatypemismatch catalogexception nosuchbucket nosuchkey entitynotfoundexception resourcenotfounderror "
    "unknowntopicorpartitionerror filenotfounderror",
    Kind.BAD_DATA: "invalidtextrepresentation characternotinrepertoire untranslatablecharacter conversionexception jsondecodeerror "
    "unicodedecodeerror contentdecodingerror corruptrecordexception decodeerror datacorrupted zipfileerror badgzipfile",
    Kind.BUG: "paramvalidationerror parserexception internalexception attributeerror keyerror indexerror typeerror nameerror "
    "assertionerror notimplementederror zerodivisionerror recursionerror importerror modulenotfounderror",
}  # fmt: skip
_BY_NAME = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_STATUS_TEXT = re.compile(
    r"\b(?:HTTP(?: status(?: code)?)?|status(?: code)?|status=)[ :]*([1-5]\d\d)\b|^\(?([45]\d\d)\)? |\b([45]\d\d) (?:Client|Server) Error\b",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"An error occurred \((\w+)\)|ErrorCode:\s*(\w+)|^\((\w+)\) ")
_MYSQL_TEXT = re.compile(r"^\((\d{3,4}), ")
_SQLSTATE_TEXT = re.compile(r"SQLSTATE[ :=\[]*([0-9A-Z]{5})\b")
_LIMITS = re.compile(r"rate.?limit|quota|too many|throttl|over the account limit", re.IGNORECASE)


def by_rule(type_name: str, message: str, cause: str | None = None, code: str | None = None) -> Kind | None:
    """The kind that a code gives: our own cause, SQLSTATE, a server's number, a service's code, the type, an HTTP status."""
    name = type_name.rpartition(".")[2].lower()
    return (
        _CAUSES.get(cause or "")
        or _by_code(code or "")
        or _by_server(message)
        or _by_service(message)
        or _named(name, message)
        or _by_status(message)
    )


def _by_code(code: str) -> Kind | None:
    if code.isdigit() and len(code) < 5:
        return _STATUSES.get(int(code)) if len(code) == 3 else _MYSQL.get(int(code))
    found = (_SQLSTATES[code[:length]] for length in (5, 2) if code[:length] in _SQLSTATES)
    return next(found, None) if len(code) == 5 else None


def _by_server(message: str) -> Kind | None:
    if state := _SQLSTATE_TEXT.search(message):
        return _by_code(state[1])
    number = _MYSQL_TEXT.match(message)
    return _MYSQL.get(int(number[1])) if number else None


def _by_service(message: str) -> Kind | None:
    if not (found := _SERVICE.search(message)):
        return None
    code = next(filter(None, found.groups())).lower()
    if code.isdigit():
        return _STATUSES.get(int(code))
    if code == "serverbusy" and _LIMITS.search(message):
        return Kind.THROTTLED
    return _BY_NAME.get(code)


def _named(name: str, message: str) -> Kind | None:
    if name in ("forbidden", "httpexception", "ioexception"):  # also what a limit of the service is called
        return None
    return _BY_NAME.get(name)


def _by_status(message: str) -> Kind | None:
    if not (found := _STATUS_TEXT.search(message)):
        return None
    kind = _STATUSES.get(int(next(filter(None, found.groups()))))
    return Kind.THROTTLED if kind is Kind.PERMISSION and _LIMITS.search(message) else kind
