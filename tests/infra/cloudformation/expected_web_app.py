"""The expected bucket, distribution and addresses of the web app."""

from typing import Any

Template = dict[str, Any]

WEB = "Resources.WebDistribution.Properties.DistributionConfig"
EXECUTE_API = "execute-api.${AWS::Region}.${AWS::URLSuffix}"
# Managed policies of CloudFront: CachingOptimized, CachingDisabled and AllViewerExceptHostHeader.
OPTIMIZED, DISABLED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https:; manifest-src 'self'; "
    "connect-src 'self' {}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
LIVE = {"Fn::Sub": f"wss://${{WebsocketAPI}}.{EXECUTE_API}"}
TOKEN_HOST, REVOCATION_HOST = (
    {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": name}]}]} for name in ("TokenUrl", "RevocationUrl")
)
REVOCATION_ORIGIN = {
    "Fn::If": ["RevocationUrlIsGiven", {"Fn::Sub": [" https://${host}", {"host": REVOCATION_HOST}]}, ""]
}
POOL_ORIGIN = "https://${domain}.auth.${AWS::Region}.amazoncognito.com"
OWN_NAME = {"Fn::Sub": "https://${WebDomainName}"}
WEB_URL = {"Fn::If": ["HasWebUrl", {"Fn::If": ["WebDomainNameIsGiven", OWN_NAME, {"Ref": "WebUrl"}]}, ""]}
WEB_INVITE_URL = {
    "Fn::If": ["WebDomainNameIsGiven", {"Fn::Sub": "https://${WebDomainName}/i"}, {"Fn::Sub": "${WebUrl}/i"}]
}
# The variable for the functions. Another rule compares the environments of all functions.
ENVIRONMENT = "Resources.APIHandler.Properties.Environment.Variables"


def _reads(action: str, resource: Any) -> Template:
    own = {"Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${WebDistribution}"}
    return {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Condition": {"StringEquals": {"AWS:SourceArn": own}},
        "Action": action,
        "Resource": resource,
    }


def _api(pattern: str, viewers: str) -> Template:
    return {
        "PathPattern": pattern,
        "TargetOriginId": "RestAPI",
        "ViewerProtocolPolicy": viewers,
        "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
        "CachedMethods": ["GET", "HEAD"],
        "Compress": False,
        "CachePolicyId": DISABLED,
        "OriginRequestPolicyId": ALL_BUT_HOST,
    }


def _csp(provider: str, **origins: Template) -> Template:
    return {"Fn::Sub": [CSP.format(f"${{live}} {provider}"), {"live": LIVE, **origins}]}


BUCKET, OBJECTS = {"Fn::GetAtt": ["WebFiles", "Arn"]}, {"Fn::Sub": "${WebFiles.Arn}/*"}

WEB_APP: Template = {
    **{
        f"Resources.{name}.Condition": "ServesWebApp"
        for name in ("WebFiles", "WebFilesPolicy", "WebAccess", "WebPages", "WebHeaders", "WebDistribution")
    },
    "Resources.WebFiles.Properties.PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    },
    "Resources.WebFiles.Properties.BucketEncryption": {
        "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    },
    "Resources.WebFiles.Properties.OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
    "Resources.WebFilesPolicy.Properties": {
        "Bucket": {"Ref": "WebFiles"},
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                _reads("s3:GetObject", OBJECTS),
                _reads("s3:ListBucket", BUCKET),
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [BUCKET, OBJECTS],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ],
        },
    },
    "Resources.WebAccess.Properties.OriginAccessControlConfig": {
        "Name": {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"},
        "OriginAccessControlOriginType": "s3",
        "SigningBehavior": "always",
        "SigningProtocol": "sigv4",
    },
    "Resources.WebPages.Properties.AutoPublish": True,
    "Resources.WebHeaders.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig": {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": {
                "Fn::If": [
                    "MakesUserPool",
                    _csp("${token}", token={"Fn::Sub": [POOL_ORIGIN, {"domain": {"Ref": "UserPoolDomain"}}]}),
                    {
                        "Fn::If": [
                            "TokenUrlIsGiven",
                            _csp(
                                "${token}${revocation}",
                                token={"Fn::Sub": ["https://${host}", {"host": TOKEN_HOST}]},
                                revocation=REVOCATION_ORIGIN,
                            ),
                            {"Fn::Sub": [CSP.format("${live}"), {"live": LIVE}]},
                        ]
                    },
                ]
            },
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": True},
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": 31536000, "Override": True},
    },
    "Resources.WebHeaders.Properties.ResponseHeadersPolicyConfig.CustomHeadersConfig": {
        "Items": [
            {"Header": "Cross-Origin-Resource-Policy", "Value": "same-origin", "Override": True},
            {"Header": "X-Robots-Tag", "Value": "noindex", "Override": True},
            {
                "Header": "Permissions-Policy",
                "Value": "autoplay=(self), camera=(self), display-capture=(self), microphone=(self)",
                "Override": True,
            },
        ]
    },
    # The whole configuration, so that a log of paths would be found.
    WEB: {
        "Enabled": True,
        "Comment": {"Ref": "AWS::StackName"},
        "WebACLId": {"Fn::If": ["WebFirewallArnIsGiven", {"Ref": "WebFirewallArn"}, {"Ref": "AWS::NoValue"}]},
        "Aliases": {"Fn::If": ["WebDomainNameIsGiven", [{"Ref": "WebDomainName"}], {"Ref": "AWS::NoValue"}]},
        "ViewerCertificate": {
            "Fn::If": [
                "WebDomainNameIsGiven",
                {
                    "AcmCertificateArn": {"Ref": "WebCertificateArn"},
                    "MinimumProtocolVersion": "TLSv1.2_2021",
                    "SslSupportMethod": "sni-only",
                },
                {"CloudFrontDefaultCertificate": True},
            ]
        },
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "PriceClass": {"Ref": "WebPriceClass"},
        "DefaultRootObject": "index.html",
        "Origins": [
            {
                "Id": "WebFiles",
                "DomainName": {"Fn::GetAtt": ["WebFiles", "RegionalDomainName"]},
                "OriginAccessControlId": {"Fn::GetAtt": ["WebAccess", "Id"]},
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            },
            {
                "Id": "RestAPI",
                "DomainName": {"Fn::Sub": f"${{RestAPI}}.{EXECUTE_API}"},
                "OriginPath": "/api",
                "OriginCustomHeaders": [{"HeaderName": "X-Lockstep-Edge", "HeaderValue": {"Ref": "EdgeKey"}}],
                "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
            },
        ],
        "DefaultCacheBehavior": {
            "TargetOriginId": "WebFiles",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": ["GET", "HEAD"],
            "CachedMethods": ["GET", "HEAD"],
            "Compress": True,
            "CachePolicyId": OPTIMIZED,
            "ResponseHeadersPolicyId": {"Ref": "WebHeaders"},
            "FunctionAssociations": [
                {
                    "EventType": "viewer-request",
                    "FunctionARN": {"Fn::GetAtt": ["WebPages", "FunctionMetadata.FunctionARN"]},
                }
            ],
        },
        "CacheBehaviors": [
            *(
                _api(pattern, "redirect-to-https")
                for pattern in ("/c/*", "/docs", "/health", "/i/*", "/n/*", "/openapi.json", "/signed-in")
            ),
            _api("/v1/*", "https-only"),
        ],
    },
    f"{ENVIRONMENT}.LOCKSTEP_APP_URL": WEB_URL,
    f"{ENVIRONMENT}.LOCKSTEP_PUBLIC_URL": {"Fn::If": ["PublicUrlIsGiven", {"Ref": "PublicUrl"}, WEB_URL]},
    f"{ENVIRONMENT}.LOCKSTEP_INVITE_URL": {
        "Fn::If": ["InviteUrlIsGiven", {"Ref": "InviteUrl"}, {"Fn::If": ["HasWebUrl", WEB_INVITE_URL, ""]}]
    },
    "Conditions.HasWebUrl": {
        "Fn::And": [
            {"Condition": "ServesWebApp"},
            {"Fn::Not": [{"Fn::Equals": [{"Fn::Sub": "${WebDomainName}${WebUrl}"}, ""]}]},
        ]
    },
    "Outputs.AppUrl.Value": {
        "Fn::If": ["WebDomainNameIsGiven", OWN_NAME, {"Fn::Sub": "https://${WebDistribution.DomainName}"}]
    },
    "Outputs.AppTarget.Value": {"Fn::GetAtt": ["WebDistribution", "DomainName"]},
    "Outputs.AppDistribution.Value": {"Ref": "WebDistribution"},
    "Outputs.AppFiles.Value": {"Ref": "WebFiles"},
    "Outputs.ProductName.Value": {"Ref": "ProductName"},
    **{f"Outputs.App{name}.Condition": "ServesWebApp" for name in ("Url", "Target", "Distribution", "Files")},
    "Rules.WebDomainNameHasACertificate": {
        "RuleCondition": {"Fn::Not": [{"Fn::Equals": [{"Ref": "WebDomainName"}, ""]}]},
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "WebCertificateArn"}, ""]}]},
                "AssertDescription": "A WebDomainName needs a HostedZoneId, or a WebCertificateArn.",
            }
        ],
    },
}
