"""The tables of `vectors/seeds/`: every CSV, valid and spoilt."""

from tests.host_tools.seeds.vector_files import (
    BASE32,
    HEX,
    HEX32,
    invalid,
    valid,
)


def tables() -> None:
    plain = {"serial_number": "FOB0001", "credential_id": "FOB0001", "seed": HEX, "digits": 6}
    hotp = plain | {"kind": "HOTP"}
    timed = plain | {"kind": "TOTP", "step_seconds": 60}
    pi = "by hand after privacyIDEA's documentation of the OATH CSV file"
    valid(
        "oath-csv/version-1.csv",
        f"FOB0001, {HEX}\nFOB0002, {HEX}, totp, 8, 60\n"
        f"# a comment\n\nFOB0003, {HEX}, hotp, 6, 42\n",
        pi,
        [
            hotp,
            timed | {"serial_number": "FOB0002", "credential_id": "FOB0002", "digits": 8},
            hotp | {"serial_number": "FOB0003", "credential_id": "FOB0003", "counter": 42},
        ],
    )
    valid(
        "oath-csv/version-2.csv",
        f"# version: 2\nalice,res1,realm1,FOB0001,{HEX},totp,6,60\n",
        pi,
        [timed | {"user": "alice"}],
    )
    valid(
        "oath-csv/hash-column.csv",
        f"FOB0001,{HEX32},totp,6,60,sha256\n",
        "by hand after LinOTP's sixth column",
        [timed | {"seed": HEX32, "algorithm": "SHA256"}],
    )
    valid(
        "oath-csv/utf-16.csv",
        f"FOB0001,{HEX},totp,6,60\r\n".encode("utf-16"),
        "by hand: saved as Unicode text by a spreadsheet",
        [timed],
    )
    for name, row, reason in (
        ("odd", f"FOB0001,{HEX[:-1]}", "eaten a leading zero"),
        ("scientific", "FOB0001,3.13233E+39", "spreadsheet has turned it into a number"),
        ("scientific-serial", f"1.00013E+12,{HEX}", "serial number is lost"),
        (
            "base32",
            f"FOB0001,{HEX}\nFOB0002,{BASE32}",
            "line 2, FOB0002: its seed looks like base32",
        ),
        (
            "type",
            f"FOB0001,{HEX},ocra,6",
            "it holds no seed of HOTP or TOTP; left out: an OCRA key",
        ),
        ("digits", f"FOB0001,{HEX},hotp,six", "digits is no whole number"),
        ("no-seed", f"FOB0001,{HEX}\nFOB0002,", "line 2, FOB0002: its seed is empty"),
    ):
        invalid(
            f"oath-csv/bad-{name}.csv",
            row + "\n",
            "by hand: what people and spreadsheets do",
            reason,
            format="oath-csv",
        )
    entra = "by hand after Microsoft's description of the upload of hardware OATH tokens"
    header = "upn,serial number,secret key,time interval,manufacturer,model\n"
    contoso = timed | {
        "user": "alice@example.com",
        "manufacturer": "Contoso",
        "model": "HardwareKey",
    }
    valid(
        "entra-csv/upload.csv",
        f"{header}alice@example.com,FOB0001,{BASE32},60,Contoso,HardwareKey\n",
        entra,
        [contoso],
    )
    valid(
        "entra-csv/token2.csv",
        "serial number,secret key,time interval,manufacturer,model\n"
        f"FOB0001,{BASE32.lower()},30,Token2,c202\n",
        "by hand: the same without upn, as Token2 and Deepnet deliver",
        [timed | {"step_seconds": 30, "manufacturer": "Token2", "model": "c202"}],
    )
    valid(
        "entra-csv/semicolons.csv",
        (
            "\ufeff" + header + f"alice@example.com,FOB0001,{BASE32},60,Contoso,HardwareKey\n"
        ).replace(",", ";"),
        f"{entra}; as a spreadsheet of another country saves it",
        [contoso],
    )
    invalid(
        "entra-csv/bad-hex.csv",
        f"{header}a@example.com,FOB0001,1234567abcdef1234567abcdef,60,Contoso,HardwareKey\n",
        "by hand: hex where base32 belongs (MicrosoftDocs/azure-docs issue 113654)",
        "line 2, FOB0001: its seed looks like hexadecimal",
    )
    invalid(
        "entra-csv/bad-length.csv",
        f"{header}a@example.com,FOB0001,{BASE32[:-5]},60,Contoso,HardwareKey\n",
        "by hand: some characters lost",
        "cut off",
    )
    yubico = "by hand, in the shape of the personalisation tool's log"
    ub = {"kind": "HOTP", "digits": 6, "seed": HEX, "manufacturer": "oath.UB"}
    valid(
        "yubico-traditional/log.csv",
        "LOGGING START,01.02.26 08:59\n"
        f"OATH-HOTP,01.02.26 09:00,1,cccccccccccd,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n"
        "Yubico OTP,01.02.26 09:01,2,vvgutbiedkvi,ab86c04de6a3,d26a7c0f85fdda28bd816e406342b214a"
        ",,,0,0,0,0,0,0,0,0,0,0\n",
        yubico,
        [ub | {"serial_number": "UBOM00000002_1", "credential_id": "cccccccccccd"}],
    )
    valid(
        "yubico/log.csv",
        f"508326,,0,{HEX},,2026-02-01T09:00:00,\n"
        "508326,cccccccccccc,83cebdfb7b93,a47c5bf9c152202f577be6721c0113af,,2026-02-01T09:01:00,\n",
        yubico,
        [ub | {"serial_number": "508326", "credential_id": "508326"}],
    )
    invalid(
        "yubico-traditional/bad-public-id.csv",
        f"OATH-HOTP,01.02.26 09:00,1,xyz,,{HEX},,,0,0,0,6,0,0,0,0,0,0\n",
        yubico,
        "not modhex",
    )
    valid(
        "multiotp-csv/tokens.csv",
        f"FOB0001;Feitian;TOTP;{HEX};6;60\nFOB0002;Feitian;HOTP;{HEX};8;7\n",
        "by hand after multiOTP's description of its CSV",
        [
            timed | {"manufacturer": "Feitian"},
            hotp
            | {
                "serial_number": "FOB0002",
                "credential_id": "FOB0002",
                "digits": 8,
                "counter": 7,
                "manufacturer": "Feitian",
            },
        ],
    )
    invalid(
        "multiotp-csv/bad-motp.csv",
        f"FOB0001;Maker;mOTP;{HEX};6;10\n",
        "by hand",
        "left out: an mOTP key",
    )
