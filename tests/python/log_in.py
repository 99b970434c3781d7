"""Logs somebody in at an OpenID provider, as a client of it does, and prints their ID token.

Arguments: the issuer, the client's id, the subject, and the claims that the provider is to have
of them, as JSON.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

BACK = "http://localhost/back"


class Stay(urllib.request.HTTPRedirectHandler):
    """What is redirected to is an answer for us, not an address to visit."""

    def redirect_request(self, *_):
        return None


def send(method, url, body, kind="application/x-www-form-urlencoded"):
    """What is answered, and where it redirects to."""
    request = urllib.request.Request(url, body.encode(), {"Content-Type": kind}, method=method)
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=60) as answer:
            return answer.read(), answer.headers.get("Location")
    except urllib.error.HTTPError as answer:
        if answer.code != 302:
            raise
        return answer.read(), answer.headers["Location"]


def main(issuer, client, subject, claims):
    with urllib.request.urlopen(f"{issuer}/.well-known/openid-configuration", timeout=60) as answer:
        document = json.load(answer)
    send("PUT", f"{issuer}/users/{urllib.parse.quote(subject)}", claims, "application/json")
    asked = {"client_id": client, "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
    page = f"{document['authorization_endpoint']}?{urllib.parse.urlencode(asked)}"
    _, back = send("POST", page, urllib.parse.urlencode({"sub": subject}))
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": client,
        "client_secret": "any",
        "redirect_uri": BACK,
    }
    answer, _ = send("POST", document["token_endpoint"], urllib.parse.urlencode(asked))
    print(json.loads(answer)["id_token"])


main(*sys.argv[1:])
