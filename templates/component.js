"use strict";
// What the component says to the page around it.
if (window.parent !== window) {
  const say = (said) => window.parent.postMessage(said, "*");
  for (const said of JSON.parse(document.querySelector("main").dataset.said)) say(said);
  let height = 0;
  new ResizeObserver(() => {
    const now = document.documentElement.offsetHeight;
    if (now !== height) say({ type: "resize", height: (height = now) });
  }).observe(document.documentElement);
}
