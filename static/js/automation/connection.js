/** What the page says of its connection. */

const WORDS = {
  connecting: "Connecting …",
  live: "Live",
  polling: "Live updates are blocked: asking every two seconds instead",
  away: "The server does not answer: trying again",
  ended: "Ended: this is the whole log",
  refused: "Stopped",
};

/** Show a state of stream.js in `element`, with what the server said, if it said anything. */
export function showConnection(element, state, words) {
  const text = state === "refused" ? `${WORDS.refused}: ${words}` : WORDS[state];
  element.dataset.state = state;
  if (element.textContent !== text) element.textContent = text;
}
