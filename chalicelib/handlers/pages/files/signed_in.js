"use strict";
// The way back from the OpenID provider. The code goes to the page that began the sign-in in this tab.
(() => {
  const parameters = new URLSearchParams(location.search);
  history.replaceState(null, "", location.pathname);
  let back = null;
  try {
    back = JSON.parse(sessionStorage.getItem("lockstep-sign-in")).back;
    const response = { code: parameters.get("code"), state: parameters.get("state"), error: parameters.get("error") };
    sessionStorage.setItem("lockstep-signed-in", JSON.stringify(response));
  } catch {
    back = null;
  }
  // A path after the origin, so that the way back leads to no other origin.
  if (back) location.replace(location.origin + back);
  else document.getElementById("said").hidden = false;
})();
