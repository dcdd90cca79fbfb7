"""A script that runs in every page before its own, and records what the page receives and opens."""

from selenium.webdriver import Chrome

RECORDER = """
(() => {
  const recorded = window.recorded = {
    connections: [], tracks: [], sockets: [], tones: 0, answers: [], heard: [], said: [], clickedAt: 0,
  };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...parts) { super(...parts); recorded.connections.push(this); }
  };
  for (const name of ["getUserMedia", "getDisplayMedia"]) {
    const open = navigator.mediaDevices?.[name]?.bind(navigator.mediaDevices);
    if (open) navigator.mediaDevices[name] = async (wish) => {
      const stream = await open(wish);
      recorded.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  const start = AudioScheduledSourceNode.prototype.start;
  AudioScheduledSourceNode.prototype.start = function (...times) { recorded.tones += 1; start.apply(this, times); };
  const send = window.fetch;
  window.fetch = async (wanted, ...more) => {
    const response = await send(wanted, ...more);
    const { pathname, search } = new URL(wanted.url ?? wanted, location);
    const method = wanted.method ?? more[0]?.method ?? "GET";
    const answer = { method, path: pathname + search, status: response.status, body: "" };
    recorded.answers.push(answer);
    response.clone().text().then((text) => { answer.body = text; });
    return response;
  };
  window.WebSocket = class extends WebSocket {
    constructor(...parts) {
      super(...parts);
      recorded.sockets.push(this);
      this.addEventListener("message", ({ data }) => recorded.heard.push(data));
    }
    send(text) { recorded.said.push(text); super.send(text); }
  };
  addEventListener("click", () => { recorded.clickedAt = Date.now(); }, true);

  const SAMPLE = 200;
  // The mean difference of two pictures of a moving bar is above 8, that of two copies of one picture below 1.
  const LEAST_DIFFERENCE = 3;
  const canvas = document.createElement("canvas");
  canvas.width = 32;
  canvas.height = 18;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const pixels = (name) => {
    const video = document.querySelector(`video[aria-label*="${name}"]`);
    if (!video || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !video.checkVisibility()) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  const differs = (one, other) =>
    one.reduce((sum, value, index) => sum + Math.abs(value - other[index]), 0) / one.length > LEAST_DIFFERENCE;
  const mainColour = (data) => {
    const [red, green, blue] = [0, 1, 2].map((channel) =>
      data.reduce((sum, value, index) => (index % 4 === channel ? sum + value : sum), 0));
    return red > Math.max(green, blue) ? "red" : green > blue ? "green" : "blue";
  };
  const open = () => recorded.connections.filter(({ connectionState }) => connectionState !== "closed");

  /* The bytes of sound and picture that have arrived over the open connections. */
  recorded.received = async () => {
    let bytes = 0;
    for (const connection of open())
      for (const report of (await connection.getStats()).values())
        if (report.type === "inbound-rtp") bytes += report.bytesReceived;
    return bytes;
  };
  /* The kinds of the two ends of the way that an open connection uses. */
  recorded.ways = async () => {
    const ways = [];
    for (const connection of open()) {
      const reports = await connection.getStats();
      for (const report of reports.values()) {
        const pair = report.type === "transport" && reports.get(report.selectedCandidatePairId);
        if (pair) for (const id of [pair.localCandidateId, pair.remoteCandidateId])
          ways.push(reports.get(id).candidateType);
      }
    }
    return ways;
  };
  /* The loudness of all sound that has arrived, which grows with each sound. */
  recorded.loudness = async () => {
    let energy = 0;
    for (const connection of open())
      for (const report of (await connection.getStats()).values())
        if (report.type === "inbound-rtp" && report.kind === "audio") energy += report.totalAudioEnergy;
    return energy;
  };
  recorded.mainColour = (name) => {
    const data = pixels(name);
    return data ? mainColour(data) : "";
  };
  /* Wait until the picture of a member changes between two instants while bytes arrive. */
  recorded.movingPicture = async (name) => {
    for (let before = null, bytes = 0; ; await pause(SAMPLE)) {
      const now = pixels(name);
      const arrived = await recorded.received();
      if (before && now && arrived > bytes && differs(before, now)) return { at: Date.now(), main: mainColour(now) };
      [before, bytes] = [now, arrived];
    }
  };
  /* Wait until the picture of a member is the same, or is away, for two seconds. */
  recorded.stillPicture = async (name) => {
    let before = pixels(name);
    for (let count = 0; count < 10; count += 1) {
      await pause(SAMPLE);
      const now = pixels(name);
      if (before && now && differs(before, now)) count = 0;
      before = now;
    }
  };
})();
"""


def record_pages(browser: Chrome) -> None:
    """Record in every page that the browser opens from now on."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": RECORDER})
