"""Meetings: a transcript or recording becomes minutes whose every promise has its quote, its speaker and its second."""

from prefect_gemini.flows.meetings.flow import MeetingsResult, process_meetings
from prefect_gemini.flows.meetings.models import Item, Meeting, Minutes
from prefect_gemini.flows.meetings.read import aread_meeting, read_meeting

__all__ = ["Item", "Meeting", "MeetingsResult", "Minutes", "aread_meeting", "process_meetings", "read_meeting"]
