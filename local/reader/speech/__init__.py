"""Speech to text on this machine, where `prefect-gemini[audio]` is installed: Whisper on CTranslate2, WAV only."""
