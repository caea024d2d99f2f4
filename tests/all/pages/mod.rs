//! What a person sees: the pages' common style, and documents as PDFs.

mod links;
mod pdf;
mod style;
