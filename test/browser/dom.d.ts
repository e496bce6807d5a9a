// The names of the DOM that the declarations of playwright-core mention. The project is compiled without the browser's
// own declarations; what tests ask a page is text that runs there.

type Node = object
type HTMLElement = object
type SVGElement = object
type HTMLElementTagNameMap = object
