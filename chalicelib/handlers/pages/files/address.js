"use strict";
// The address of the page without the token or code of a sign-in, which no page uses. Only an anchor and the language
// stay. Written for old browsers, too.
function anchor() {
  return location.hash && document.getElementById(location.hash.slice(1)) ? location.hash : "";
}
function pagePath() {
  var language = /[?&]language=([a-z]{2})(?:&|$)/.exec(location.search);
  return location.pathname + (language ? "?language=" + language[1] : "") + anchor();
}
function cleanAddress() {
  if (location.pathname + location.search + location.hash !== pagePath()) history.replaceState(null, "", pagePath());
}
cleanAddress();
addEventListener("hashchange", cleanAddress);
