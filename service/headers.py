"""The headers that are on every page, whoever gets it."""

from functools import cache

SHELL = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
TLS = {"Strict-Transport-Security": "max-age=63072000; includeSubDomains"}


@cache
def shell(*, secure: bool) -> dict[str, str]:
    return SHELL | (TLS if secure else {})
