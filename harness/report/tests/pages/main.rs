//! Pages and files made of synthetic records, read as a browser and other programs read them.

mod browser;
mod charts;
mod chromium;
mod compared;
mod forms;
mod legible;
mod page;
mod palette;
mod paper;
mod pipe;
mod reading;
mod synthetic;
mod texts;
mod truth;
