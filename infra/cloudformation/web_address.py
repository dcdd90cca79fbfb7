"""The address of the web app and the addresses of the service that follow from it.

The distribution's own address is known only after it is created, and the functions cannot refer to it: it depends on
the API, and the API on the functions. So the deployment passes it in the parameter `WebUrl`, in a second step.
"""

from infra.cloudformation.intrinsic import Value, ref, sub, when

# True if the stack serves the web app, and if its address is known.
SERVES_WEB_APP, HAS_WEB_URL = "ServesWebApp", "HasWebUrl"
OWN_NAME = "WebDomainNameIsGiven"

_WEB_URL = when(OWN_NAME, sub("https://${WebDomainName}"), ref("WebUrl"))

# Empty without a web app and before the second step.
APP_URL: Value = when(HAS_WEB_URL, _WEB_URL, "")
PUBLIC_URL: Value = when("PublicUrlIsGiven", ref("PublicUrl"), APP_URL)
# Empty for the address at which the API is called.
INVITE_URL: Value = when(
    "InviteUrlIsGiven",
    ref("InviteUrl"),
    when(HAS_WEB_URL, when(OWN_NAME, sub("https://${WebDomainName}/i"), sub("${WebUrl}/i")), ""),
)
