//! Why a verification fails: the codes of a session's `last_error` (connect-accounts 11).
//!
//! May use: the checks of reports. Invariant: data, and what follows from it.

use crate::resources::identity::reports::VerificationCheck;

crate::values! {
    /// Why a person could not be verified.
    pub enum VerificationFault {
        Abandoned = "abandoned",
        ConsentDeclined = "consent_declined",
        CountryNotSupported = "country_not_supported",
        DeviceNotSupported = "device_not_supported",
        DocumentExpired = "document_expired",
        DocumentTypeNotSupported = "document_type_not_supported",
        DocumentUnverifiedOther = "document_unverified_other",
        EmailUnverifiedOther = "email_unverified_other",
        EmailVerificationDeclined = "email_verification_declined",
        IdNumberInsufficientDocumentData = "id_number_insufficient_document_data",
        IdNumberMismatch = "id_number_mismatch",
        IdNumberUnverifiedOther = "id_number_unverified_other",
        PhoneUnverifiedOther = "phone_unverified_other",
        PhoneVerificationDeclined = "phone_verification_declined",
        SelfieDocumentMissingPhoto = "selfie_document_missing_photo",
        SelfieFaceMismatch = "selfie_face_mismatch",
        SelfieManipulated = "selfie_manipulated",
        SelfieUnverifiedOther = "selfie_unverified_other",
        UnderSupportedAge = "under_supported_age",
    }
}

impl VerificationFault {
    /// The check that fails; `None` if the person never gets so far.
    pub fn check(self) -> Option<VerificationCheck> {
        match self {
            Self::Abandoned
            | Self::ConsentDeclined
            | Self::CountryNotSupported
            | Self::DeviceNotSupported
            | Self::UnderSupportedAge => None,
            Self::DocumentExpired | Self::DocumentTypeNotSupported | Self::DocumentUnverifiedOther => {
                Some(VerificationCheck::Document)
            }
            Self::EmailUnverifiedOther | Self::EmailVerificationDeclined => Some(VerificationCheck::Email),
            Self::IdNumberInsufficientDocumentData | Self::IdNumberMismatch | Self::IdNumberUnverifiedOther => {
                Some(VerificationCheck::IdNumber)
            }
            Self::PhoneUnverifiedOther | Self::PhoneVerificationDeclined => Some(VerificationCheck::Phone),
            Self::SelfieDocumentMissingPhoto
            | Self::SelfieFaceMismatch
            | Self::SelfieManipulated
            | Self::SelfieUnverifiedOther => Some(VerificationCheck::Selfie),
        }
    }

    /// The reason in words; the API's are not recorded.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Abandoned => "The verification was begun and not submitted.",
            Self::ConsentDeclined => "The person did not agree to be verified.",
            Self::CountryNotSupported => "People from this country cannot be verified.",
            Self::DeviceNotSupported => "The device has no camera, or it may not be used.",
            Self::DocumentExpired => "The document has expired.",
            Self::DocumentTypeNotSupported => "This type of document is not allowed.",
            Self::DocumentUnverifiedOther => "The document could not be verified.",
            Self::EmailUnverifiedOther => "The email address could not be verified.",
            Self::EmailVerificationDeclined => "The person did not verify the email address.",
            Self::IdNumberInsufficientDocumentData => "The document does not show enough to check the number.",
            Self::IdNumberMismatch => "The number does not belong to this name and date of birth.",
            Self::IdNumberUnverifiedOther => "The number could not be verified.",
            Self::PhoneUnverifiedOther => "The phone number could not be verified.",
            Self::PhoneVerificationDeclined => "The person did not verify the phone number.",
            Self::SelfieDocumentMissingPhoto => "The document has no picture of a face.",
            Self::SelfieFaceMismatch => "The faces on the document and on the selfie are not the same.",
            Self::SelfieManipulated => "The selfie was manipulated.",
            Self::SelfieUnverifiedOther => "The selfie could not be verified.",
            Self::UnderSupportedAge => "The person is too young to be verified.",
        }
    }
}
