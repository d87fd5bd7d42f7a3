"""Pictures of graphs: each format enters its renderer here."""

from graphcomp.graph import set_renderer
from graphcomp.show import diff, text

set_renderer("text", text.render)
set_renderer("diff", diff.render)
