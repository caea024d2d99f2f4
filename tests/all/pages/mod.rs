//! What a person sees: the pages' common style, and documents as PDFs.

mod elsewhere;
mod links;
mod pdf;
mod style;
