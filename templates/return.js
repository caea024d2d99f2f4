"use strict";
// In a frame, the page around it goes on.
if (window.top === window) location.replace(document.querySelector("main a").href);
