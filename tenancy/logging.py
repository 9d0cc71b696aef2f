import logging

from tenancy.context import current_origin


class RequestIdFilter(logging.Filter):
    """Gives every log record the id of the request it belongs to, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_origin().request_id or "-"
        return True
