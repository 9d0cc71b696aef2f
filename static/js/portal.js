// Every behaviour of the console. Pages work without them; production collects them as one file.
import "./dom.js";
import "./shell.js";
import "./panes.js";
import "./commands.js";
import "./forms.js";
import "./lists.js";
import "./picker.js";
import "./search.js";
