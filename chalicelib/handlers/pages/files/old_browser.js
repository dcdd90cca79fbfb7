// The message for a browser that cannot run the next script, which removes it.
document.getElementById("said").textContent = JSON.parse(document.getElementById("texts").textContent).old_browser;
