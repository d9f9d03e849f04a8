//! Refusals in the shape Google gives them: the Calendar API's nested body, and the flat one of the
//! token endpoint. Owns the wording; when to refuse is decided where the rule is known.

use serde_json::{Value, json};

use crate::http::Reply;

/// A refusal by the Calendar API.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    code: u16,
    domain: &'static str,
    reason: String,
    message: String,
    location: Option<(&'static str, &'static str)>,
    scope_method: Option<&'static str>,
}

impl Failure {
    pub(crate) fn new(code: u16, reason: &str, message: impl Into<String>) -> Failure {
        let domain = match reason {
            "rateLimitExceeded"
            | "userRateLimitExceeded"
            | "quotaExceeded"
            | "dailyLimitExceeded"
            | "variableTermLimitExceeded" => "usageLimits",
            "fullSyncRequired"
            | "updatedMinTooLongAgo"
            | "timeRangeEmpty"
            | "timeRangeTooLong"
            | "forbiddenForNonOrganizer"
            | "notACalendarUser" => "calendar",
            _ => "global",
        };
        let (reason, message) = (reason.to_owned(), message.into());
        Failure {
            code,
            domain,
            reason,
            message,
            location: None,
            scope_method: None,
        }
    }

    pub(crate) fn at(mut self, kind: &'static str, name: &'static str) -> Failure {
        self.location = Some((kind, name));
        self
    }

    pub(crate) fn not_found() -> Failure {
        Failure::new(404, "notFound", "Not Found")
    }

    pub(crate) fn invalid_parameter(name: &'static str, value: &str) -> Failure {
        Failure::new(
            400,
            "invalidParameter",
            format!("Invalid value '{value}' for {name}."),
        )
        .at("parameter", name)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Failure {
        Failure::new(400, "badRequest", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Failure {
        Failure::new(400, "invalid", message)
    }

    pub(crate) fn required(name: &'static str) -> Failure {
        Failure::new(400, "required", format!("Missing {name} parameter.")).at("parameter", name)
    }

    pub(crate) fn full_sync_required() -> Failure {
        Failure::new(
            410,
            "fullSyncRequired",
            "Sync token is no longer valid, a full sync is required.",
        )
        .at("parameter", "syncToken")
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Failure {
        Failure::new(403, "forbidden", message)
    }

    pub(crate) fn login_required() -> Failure {
        Failure::new(401, "required", "Login Required.").at("header", "Authorization")
    }

    pub(crate) fn invalid_credentials() -> Failure {
        Failure::new(401, "authError", "Invalid Credentials").at("header", "Authorization")
    }

    pub(crate) fn missing_scope(method: &'static str) -> Failure {
        let mut failure = Failure::new(
            403,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
        );
        failure.scope_method = Some(method);
        failure
    }

    fn body(&self) -> Value {
        let mut item =
            json!({"domain": self.domain, "reason": self.reason, "message": self.message});
        if let Some((kind, name)) = &self.location {
            item["locationType"] = json!(kind);
            item["location"] = json!(name);
        }
        let mut error = json!({"code": self.code, "message": self.message, "errors": [item]});
        if let Some(method) = self.scope_method {
            error["errors"][0]["message"] = json!("Insufficient Permission");
            error["status"] = json!("PERMISSION_DENIED");
            error["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": "calendar-json.googleapis.com", "method": method},
            }]);
        } else if self.code == 401 {
            error["status"] = json!("UNAUTHENTICATED");
        }
        json!({"error": error})
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Reply {
        let reply = Reply::json(failure.code, &failure.body());
        match (failure.code, failure.scope_method) {
            (401, _) => reply.with(
                "www-authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            ),
            (403, Some(_)) => reply.with(
                "www-authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"insufficient_scope\"",
            ),
            _ => reply,
        }
    }
}

/// A refusal by the token or revocation endpoint.
#[derive(Debug, Clone)]
pub(crate) struct OAuthFailure {
    pub(crate) code: u16,
    pub(crate) error: String,
    pub(crate) description: Option<String>,
}

impl OAuthFailure {
    pub(crate) fn new(code: u16, error: &str, description: &str) -> OAuthFailure {
        let description = (!description.is_empty()).then(|| description.to_owned());
        OAuthFailure {
            code,
            error: error.to_owned(),
            description,
        }
    }

    pub(crate) fn invalid_grant(description: &str) -> OAuthFailure {
        OAuthFailure::new(400, "invalid_grant", description)
    }

    pub(crate) fn invalid_request(description: &str) -> OAuthFailure {
        OAuthFailure::new(400, "invalid_request", description)
    }
}

impl From<OAuthFailure> for Reply {
    fn from(failure: OAuthFailure) -> Reply {
        let mut body = json!({"error": failure.error});
        if let Some(description) = failure.description {
            body["error_description"] = json!(description);
        }
        Reply::json(failure.code, &body).with("cache-control", "no-store")
    }
}
