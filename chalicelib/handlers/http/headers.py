"""What every answer says to browsers, caches and search engines, whoever gives it and whatever it is."""

# On every answer: what an address gives away it gives to nobody else, no search engine finds it, no other origin embeds
# it, and it is asked for by https only (browsers heed that where it came by https).
SECURITY_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
# On every answer that is no page, and brings no policy of its own: opened in a browser it can do nothing.
API_CSP = "default-src 'none'; frame-ancestors 'none'"
