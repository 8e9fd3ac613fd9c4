"""Opening, importing, following and saving: dialogs and progress. The document is the session's."""
