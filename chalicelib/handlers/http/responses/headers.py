"""The headers of every response for browsers, caches and search engines."""

# For every response: no Referer (an address may contain a token), no search index, no embedding by another origin, and
# https only (browsers obey this header if it came by https).
SECURITY_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# For every response that is no page: opened in a browser it can load and run nothing.
API_CSP = "default-src 'none'; frame-ancestors 'none'"
