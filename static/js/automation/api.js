/** Asking this server for JSON. */

/** What the server refused, in its own words; `status` is 0 when it did not answer at all. */
export class ApiError extends Error {
  constructor(message, status, details = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

const PATIENCE_MS = 15000;

/** The parsed answer (null when it is empty). Throws ApiError. */
export async function ask(url, options) {
  return (await answer(url, options)).parsed;
}

/** The rows of a list, page by page until there are `most` of them or no more. Throws ApiError. */
export async function askAll(url, most) {
  const rows = [];
  for (let next = url; next && rows.length < most; ) {
    const { parsed, link } = await answer(next);
    rows.push(...parsed);
    next = link?.match(/<([^>]+)>; rel="next"/)?.[1];
  }
  return rows;
}

async function answer(url, { method = "GET", body } = {}) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = document.querySelector("[name=csrfmiddlewaretoken]").value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    response = await fetch(url, { method, headers, body: JSON.stringify(body), signal });
    text = await response.text();
  } catch (error) {
    throw new ApiError("The server does not answer.", 0);
  }
  if (!response.ok) throw refusal(response, text);
  return { parsed: text ? JSON.parse(text) : null, link: response.headers.get("Link") };
}

function refusal({ status, headers }, text) {
  const { error, details } = headers.get("Content-Type")?.includes("json") ? JSON.parse(text) : {};
  const words = status === 401 ? "You are logged out: reload the page and log in again." : error;
  return new ApiError(words || `The server answered ${status}.`, status, details);
}
