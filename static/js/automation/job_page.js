/** The page of one job. */
import { listen, say } from "./actions.js";
import { LiveJob } from "./live_job.js";

const content = document.querySelector("#content-main");

listen(content, (job, button) => {
  if (button.dataset.then === "go") window.location.href = button.dataset.go.replace(button.dataset.id, job.id);
  else say(button.dataset.done);
});
new LiveJob(content.querySelector("[data-job]")).start();
content.dataset.ready = "";
