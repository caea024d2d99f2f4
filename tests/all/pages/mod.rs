//! What a person sees: the pages' common style, and documents as PDFs.

mod pdf;
mod style;
