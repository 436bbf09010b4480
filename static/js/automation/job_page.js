/** The page of one job. */
import { listen, say } from "./actions.js";
import { LiveJob } from "./live_job.js";

const root = document.querySelector("[data-job]");
const live = new LiveJob(root);

listen(root, (job, button) => {
  if (button.dataset.then === "go") window.location.href = button.dataset.go.replace(button.dataset.id, job.id);
  else say("Asked to stop: what is under way ends at its next step.");
});
live.start();
