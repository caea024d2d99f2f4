//! What a person sees: the pages' common style, and documents as PDFs; the script for the pages of shops; the web page of the server.

mod elsewhere;
mod links;
mod pdf;
mod stripe_js;
mod style;
mod ui;
