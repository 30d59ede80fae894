"""The client application as a workbook, in the order of the client contract's lines.

'Summary' and 'Lines' are for the client. 'Mapping', 'Exceptions' and 'Sources' say which approved
applications feed which line; they are ours, and can be left out of the copy that is sent.
"""

from batch.formats.upstream.content import ClientApplicationContent, ClientSource, LeftOut
from batch.formats.upstream.write import write

__all__ = ["ClientApplicationContent", "ClientSource", "LeftOut", "write"]
