//! Errors about accounts at other banks, and the sessions in which they are linked (connect-accounts 12).

use super::ApiError;

/// Linked accounts.
impl ApiError {
    /// A bank does not tell of an account any more; the code is the API's, the wording is not recorded.
    pub fn financial_account_inactive(status: &str) -> Self {
        Self::invalid(format!(
            "The Financial Connections account is {status}. Only an active account can be refreshed or debited."
        ))
        .code("financial_connections_account_inactive")
    }

    /// The holder did not allow it; the wording is not recorded.
    pub fn financial_account_not_allowed(permission: &str) -> Self {
        Self::invalid(format!(
            "The holder of this Financial Connections account was not asked for the permission `{permission}`."
        ))
    }

    /// An account without numbers for debits; the code is the API's, the wording is not recorded.
    pub fn financial_account_unpayable() -> Self {
        Self::invalid("No payment method can be made of this Financial Connections account.")
            .code("financial_connections_account_unavailable_account_numbers")
    }

    /// Transactions of an account that no bank was asked for; the code is the API's, the wording is not recorded.
    pub fn transactions_not_refreshed() -> Self {
        Self::invalid(
            "The transactions of this Financial Connections account were never refreshed with success. Refresh them first.",
        )
        .code("financial_connections_no_successful_transaction_refresh")
    }

    /// The same about the parameter that names what it is about.
    #[must_use]
    pub fn of_param(self, param: &str) -> Self {
        self.param(param.to_owned())
    }
}

/// Sessions.
impl ApiError {
    /// A session whose holder is not of its type; the wording is not recorded.
    pub fn session_holder_mismatch(param: &str, kind: &str) -> Self {
        Self::about_param(
            param.to_owned(),
            format!("You cannot use `{param}` when `account_holder[type]` is `{kind}`."),
        )
    }

    /// What a session prefetches without asking for the permission; the wording is not recorded.
    pub fn session_prefetch_not_allowed(feature: &str) -> Self {
        Self::about_param(
            "prefetch",
            format!("To prefetch `{feature}`, ask for the permission: add `{feature}` to `permissions`."),
        )
    }

    /// An intent that takes no debits; the wording is not recorded.
    pub fn session_type_not_taken(kind: &str) -> Self {
        Self::about_param(
            "payment_method_data[type]",
            format!("`{kind}` is not among the `payment_method_types` of this intent."),
        )
    }

    /// A payment method that is not made of a bank account; the wording is not recorded.
    pub fn session_of_other_type(kind: &str) -> Self {
        Self::about_param(
            "payment_method_data[type]",
            format!("A payment method of type `{kind}` is made of no bank account."),
        )
    }

    /// A session that belongs to no intent, or to another one; the wording is not recorded.
    pub fn session_not_of_intent(session: &str) -> Self {
        Self::invalid(format!("The session {session} was not made for this intent."))
    }

    /// A session in which nobody linked anything; the wording is not recorded.
    pub fn session_not_completed(session: &str) -> Self {
        Self::invalid(format!("No bank account was linked in the session {session}."))
    }
}

/// What a person, or the control call in their place, cannot do in a session; sentences of the pages and the control API.
impl ApiError {
    /// Everything was linked before.
    pub fn session_completed() -> Self {
        Self::invalid("This session is over: accounts were linked in it.")
    }

    /// No such bank.
    pub fn institution_unknown(key: &str) -> Self {
        Self::invalid(format!("There is no institution `{key}` in the test bank."))
    }

    /// A bank that nobody can log in at.
    pub fn institution_down(name: &str, why: &str) -> Self {
        Self::invalid(format!("{name} is not available. {why} Choose another institution."))
    }

    /// An account that cannot be chosen there.
    pub fn institution_account_unknown(key: &str) -> Self {
        Self::invalid(format!("The account `{key}` cannot be linked in this session."))
    }

    /// No account, or more than the session takes.
    pub fn institution_accounts_count(limit: Option<i64>) -> Self {
        Self::invalid(match limit {
            Some(limit) => format!("Choose at least one account, and at most {limit}."),
            None => "Choose at least one account.".to_owned(),
        })
    }

    /// Numbers typed in a session that takes linked accounts alone.
    pub fn session_takes_no_numbers() -> Self {
        Self::invalid("In this session, no account and routing number can be entered.")
    }
}
