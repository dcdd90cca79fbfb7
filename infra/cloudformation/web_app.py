"""The web app in a bucket, behind a distribution that shares its origin with the API."""

from pathlib import Path

from chalicelib.handlers.http.responses.headers import SECURITY_HEADERS
from infra.cloudformation.firewall import EDGE_HEADER
from infra.cloudformation.intrinsic import API, LIVE_API, NOTHING, STAGE, Value, attribute, ref, sub, when
from infra.cloudformation.parameters import given
from infra.cloudformation.user_pool import DOMAIN, MAKES_USER_POOL, POOL_HOST
from infra.cloudformation.web_address import OWN_NAME, SERVES_WEB_APP
from infra.web.api_paths import API_PATTERNS
from infra.web.site import INDEX, PERMISSIONS_POLICY, policy

FILES, DISTRIBUTION = "WebFiles", "WebDistribution"
ACCESS, PAGES, HEADERS = "WebAccess", "WebPages", "WebHeaders"
PAGES_CODE = Path(__file__).with_name("web_pages.js")

# Policies of CloudFront: files are cached as their headers say and compressed, the API is not cached, and the API gets
# every header except the host of the distribution.
CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
READ_METHODS = ["GET", "HEAD"]
ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
# A redirect would hide that a client sends its token without encryption.
WITH_TOKENS = "/v1/*"

_EXECUTE_API = "execute-api.${AWS::Region}.${AWS::URLSuffix}"
_LIVE_ORIGIN = sub(f"wss://${{{LIVE_API}}}.{_EXECUTE_API}")
_POOL_ORIGIN = {"Fn::Sub": [f"https://{POOL_HOST}", {"domain": ref(DOMAIN)}]}


def _origin(parameter: str, text: str = "https://${host}") -> Value:
    # `https://sign-in.example/oauth/token` has the host as its third part.
    return {"Fn::Sub": [text, {"host": {"Fn::Select": [2, {"Fn::Split": ["/", ref(parameter)]}]}}]}


def web_app() -> dict[str, Value]:
    """Return the resources of the web app by name."""
    return {
        FILES: _resource("AWS::S3::Bucket", _bucket()),
        f"{FILES}Policy": _resource("AWS::S3::BucketPolicy", _bucket_policy()),
        ACCESS: _resource("AWS::CloudFront::OriginAccessControl", {"OriginAccessControlConfig": _access()}),
        PAGES: _resource("AWS::CloudFront::Function", _pages()),
        HEADERS: _resource("AWS::CloudFront::ResponseHeadersPolicy", {"ResponseHeadersPolicyConfig": _headers()}),
        DISTRIBUTION: {
            **_resource("AWS::CloudFront::Distribution", {"DistributionConfig": _distribution()}),
            # The linter takes the empty default of the certificate for its value.
            "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W1030"]}}},
        },
    }


def _resource(kind: str, properties: Value) -> Value:
    return {
        "Type": kind,
        "Condition": SERVES_WEB_APP,
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": properties,
    }


def _bucket() -> Value:
    encryption = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return {
        "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "PublicAccessBlockConfiguration": dict.fromkeys(blocked, True),
    }


def _bucket_policy() -> Value:
    bucket, objects = attribute(FILES, "Arn"), sub(f"${{{FILES}.Arn}}/*")
    own = sub(f"arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{DISTRIBUTION}}}")
    reads = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": own}},
    }
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return {
        "Bucket": ref(FILES),
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {**reads, "Action": "s3:GetObject", "Resource": objects},
                # With this right S3 answers 404 for a missing file, not 403. The distribution lists nothing.
                {**reads, "Action": "s3:ListBucket", "Resource": bucket},
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [bucket, objects],
                    "Condition": plain,
                },
            ],
        },
    }


def _access() -> Value:
    return {
        "Name": sub("${AWS::StackName}-${AWS::Region}"),
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    }


def _pages() -> Value:
    return {
        "Name": sub("${AWS::StackName}-${AWS::Region}-pages"),
        "AutoPublish": True,
        "FunctionCode": PAGES_CODE.read_text(),
        "FunctionConfig": {"Comment": "The index file for each page of the web app", "Runtime": "cloudfront-js-2.0"},
    }


def _headers() -> Value:
    """Return the headers of the app's files. The API has its own."""
    age = int(SECURITY_HEADERS["Strict-Transport-Security"].removeprefix("max-age="))
    more = {name: SECURITY_HEADERS[name] for name in ("Cross-Origin-Resource-Policy", "X-Robots-Tag")}
    more["Permissions-Policy"] = PERMISSIONS_POLICY
    return {
        "Name": sub("${AWS::StackName}-${AWS::Region}"),
        "SecurityHeadersConfig": {
            "ContentSecurityPolicy": {"ContentSecurityPolicy": _policy(), "Override": True},
            "ContentTypeOptions": {"Override": True},
            "ReferrerPolicy": {"ReferrerPolicy": SECURITY_HEADERS["Referrer-Policy"], "Override": True},
            "StrictTransportSecurity": {"AccessControlMaxAgeSec": age, "Override": True},
        },
        "CustomHeadersConfig": {
            "Items": [{"Header": name, "Value": value, "Override": True} for name, value in more.items()]
        },
    }


def _policy() -> Value:
    alone = {"Fn::Sub": [policy(("${live}",)), {"live": _LIVE_ORIGIN}]}
    # Some providers revoke at another origin.
    revocation = when(given("RevocationUrl"), _origin("RevocationUrl", " https://${host}"), "")
    of_provider = _policy_with("${token}${revocation}", token=_origin("TokenUrl"), revocation=revocation)
    return when(
        MAKES_USER_POOL, _policy_with("${token}", token=_POOL_ORIGIN), when(given("TokenUrl"), of_provider, alone)
    )


def _policy_with(provider: str, **origins: Value) -> Value:
    return {"Fn::Sub": [policy(("${live}", provider)), {"live": _LIVE_ORIGIN, **origins}]}


def _distribution() -> Value:
    own = {
        "AcmCertificateArn": ref("WebCertificateArn"),
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    # Without logs: a path may contain the token of an invite link.
    return {
        "Enabled": True,
        "Comment": ref("AWS::StackName"),
        "WebACLId": when("WebFirewallArnIsGiven", ref("WebFirewallArn"), NOTHING),
        "Aliases": when(OWN_NAME, [ref("WebDomainName")], NOTHING),
        "ViewerCertificate": when(OWN_NAME, own, {"CloudFrontDefaultCertificate": True}),
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "PriceClass": ref("WebPriceClass"),
        "DefaultRootObject": INDEX,
        "Origins": [_files_origin(), _api_origin()],
        "DefaultCacheBehavior": {
            "TargetOriginId": FILES,
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": READ_METHODS,
            "CachedMethods": READ_METHODS,
            "Compress": True,
            "CachePolicyId": CACHING_OPTIMIZED,
            "ResponseHeadersPolicyId": ref(HEADERS),
            "FunctionAssociations": [
                {"EventType": "viewer-request", "FunctionARN": attribute(PAGES, "FunctionMetadata.FunctionARN")}
            ],
        },
        "CacheBehaviors": [_api_behavior(pattern) for pattern in API_PATTERNS],
    }


def _files_origin() -> Value:
    return {
        "Id": FILES,
        "DomainName": attribute(FILES, "RegionalDomainName"),
        "OriginAccessControlId": attribute(ACCESS, "Id"),
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }


def _api_origin() -> Value:
    return {
        "Id": API,
        "DomainName": sub(f"${{{API}}}.{_EXECUTE_API}"),
        "OriginPath": f"/{STAGE}",
        "OriginCustomHeaders": [{"HeaderName": EDGE_HEADER, "HeaderValue": ref("EdgeKey")}],
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }


def _api_behavior(pattern: str) -> Value:
    return {
        "PathPattern": pattern,
        "TargetOriginId": API,
        "ViewerProtocolPolicy": "https-only" if pattern == WITH_TOKENS else "redirect-to-https",
        "AllowedMethods": ALL_METHODS,
        "CachedMethods": READ_METHODS,
        # The gateway compresses.
        "Compress": False,
        "CachePolicyId": CACHING_DISABLED,
        "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST,
    }
