"""Citations of sources and claims, in any style, and exports of the bibliography."""
