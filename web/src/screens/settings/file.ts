/** Save data as a JSON file of this device. The file has the day in its name. */
export function saveFile(data: unknown, now: Date): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `account-export-${now.toISOString().slice(0, 10)}.json`;
  link.click();
  // The browser has begun to read the file when the click returns.
  URL.revokeObjectURL(address);
}
