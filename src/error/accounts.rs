//! Errors about accounts (billing 6).

use super::ApiError;

impl ApiError {
    /// A connected account cannot have accounts of its own (billing 6.3).
    pub fn not_a_platform() -> Self {
        Self::invalid(
            "You can only create new accounts if you've signed up for Connect, which you can learn how to do at \
             https://stripe.com/docs/connect.",
        )
    }

    /// The path names another account than the `Stripe-Account` header (billing 6.3).
    pub fn account_not_of_header() -> Self {
        Self::invalid(
            "The account specified in the path of /v1/accounts/:account does not match the account specified in the \
             Stripe-Account header.",
        )
    }

    /// The platform is not a connected account; the wording is not recorded.
    pub fn own_account() -> Self {
        Self::invalid("You cannot use this method on your own account: you may only use it on connected accounts.")
    }

    /// There are no accounts in a country (billing 6.3).
    pub fn country_unknown(country: &str) -> Self {
        Self::about_param(
            "country",
            format!(
                "Country '{country}' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', \
                 'EG', or 'GB'. A full list of supported country codes is available at \
                 https://www.iso.org/obp/ui/#search/code/"
            ),
        )
    }

    /// A capability that does not exist, in the older list of them; the wording is not recorded.
    pub fn capability_unknown(param: &str, name: &str) -> Self {
        Self::about_param(param.to_owned(), format!("There is no capability '{name}'."))
    }

    /// A second representative (billing 6.2); the wording is not recorded.
    pub fn representative_exists() -> Self {
        Self::about_param(
            "relationship[representative]",
            "The account has a representative already: it can have one only.",
        )
    }

    /// The representative is deleted (billing 6.2); the wording is not recorded.
    pub fn representative_stays() -> Self {
        Self::invalid("The representative of an account cannot be deleted.")
    }

    /// An account link of a type that the account cannot have (billing 6.3).
    pub fn account_link_not_for_account(kind: &str) -> Self {
        Self::invalid(format!(
            "You cannot create `{kind}` type Account Links for this account. Valid types for this account are \
             [\"account_onboarding\"]."
        ))
    }

    /// A login link for an account that has another dashboard, or none; the wording is not recorded.
    pub fn login_link_without_dashboard(account: &str) -> Self {
        Self::invalid(format!(
            "Account {account} does not use the Express Dashboard: you can only create login links for accounts that do."
        ))
    }

    /// A login link for an account that has not told everything (billing 6.3).
    pub fn login_link_before_onboarding() -> Self {
        Self::invalid("Cannot create a login link for an account that has not completed onboarding.")
    }

    /// A feature of an account session that the account cannot have; the wording is not recorded.
    pub fn session_feature_not_for_account(component: &str, feature: &str, value: bool) -> Self {
        Self::about_param(
            format!("components[{component}][features][{feature}]"),
            format!(
                "`{feature}` can be {value} only for accounts with `controller.requirement_collection` set to \
                 `application`."
            ),
        )
    }

    /// A payment of an account that was rejected (connect-accounts 7.1).
    pub fn account_charges_disabled() -> Self {
        Self::invalid(
            "This Connect account cannot currently make live charges. The `requirements.disabled_reason` property on the \
             account will provide information about why this account is currently disabled. If you are a customer trying \
             to make a purchase, please contact the owner of this site. Your transaction has not been processed.",
        )
    }

    /// A direct charge on an account that may not take cards (connect-accounts 7.1).
    pub fn account_without_card_payments() -> Self {
        Self::invalid(
            "You cannot create a charge on a connected account without the `card_payments` capability enabled.",
        )
    }

    /// A payment on behalf of an account that may not take cards (connect-accounts 7.1); without `transfers` the wording is
    /// not recorded.
    pub fn on_behalf_of_without_card_payments(has_transfers: bool, param: &str) -> Self {
        let with = if has_transfers { "with `transfers` but without" } else { "without" };
        Self::about_param(
            param.to_owned(),
            format!(
                "You cannot create a charge with the `on_behalf_of` parameter set to a connected account {with} the \
                 `card_payments` capability enabled."
            ),
        )
    }

    /// The agreement was accepted at a time that cannot be (billing 6.3).
    pub fn tos_date_invalid() -> Self {
        Self::about_param(
            "tos_acceptance[date]",
            "ToS acceptance date is not valid. Dates are expected to be integers, measured in seconds, not in the future, and after \
             2009",
        )
    }

    /// The platform accepts the agreement of an account that accepts it itself.
    pub fn tos_is_their_own() -> Self {
        Self::about_param(
            "tos_acceptance",
            "You cannot accept the Terms of Service on behalf of accounts where controller[requirement_collection]=stripe, which \
             includes Standard and Express accounts.",
        )
    }

    /// An account for whose losses the platform is not liable is rejected (billing 6.1); the wording is not recorded.
    pub fn account_not_rejectable() -> Self {
        Self::invalid(
            "You cannot reject this account: only accounts for whose negative balances your platform is liable, such as Express and \
             Custom accounts, can be rejected.",
        )
    }

    /// A payout of an account that has not told everything (connect-accounts 7.1).
    pub fn payouts_before_requirements() -> Self {
        Self::invalid("Cannot create payouts: this account has requirements that need to be collected.")
            .code("payouts_not_allowed")
    }

    /// A payout of an account that was rejected; the wording is not recorded.
    pub fn payouts_of_rejected_account() -> Self {
        Self::invalid("Cannot create payouts: this account was rejected, and its payouts are disabled.")
            .code("payouts_not_allowed")
    }

    /// A tester demands what was told.
    pub fn requirement_is_met(requirement: &str) -> Self {
        Self::about_param("requirement", format!("The account has told `{requirement}` already."))
    }

    /// A tester wants an account with an id that is none.
    pub fn account_id_malformed(id: &str) -> Self {
        Self::about_param("id", format!("'{id}' is no id of an account: `acct_`, and letters, digits and `_`."))
    }

    /// A tester wants an account with an id that another one has, or had.
    pub fn account_id_taken(id: &str) -> Self {
        Self::about_param("id", format!("There is, or was, an account '{id}' already."))
    }

    /// A tester wants an account to be checked whose agreement has no checks.
    pub fn account_never_pending() -> Self {
        Self::about_param("state", "Nothing holds back an account of this country and agreement while it is checked.")
    }

    /// A tester brings an account into a state that asks for something unknown.
    pub fn requirement_without_test_value(requirements: &str) -> Self {
        Self::about_param("state", format!("There is no test value for what the account has to tell: {requirements}."))
    }
}
