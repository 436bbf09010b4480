/** The whole log as one JSON file, which the API gives line by line. */

/** Ask for the log at `url` as NDJSON and let the browser save it as one array called `filename`. */
export async function saveAsJson(url, filename) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const lines = (await response.text()).trimEnd().split("\n").filter(Boolean);
  const file = new Blob(["[\n", lines.join(",\n"), "\n]\n"], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = filename;
  link.click();
  URL.revokeObjectURL(link.href);
}
